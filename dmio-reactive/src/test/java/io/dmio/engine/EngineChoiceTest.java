package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Which engine wins, and what people are told. */
class EngineChoiceTest {

    private static final IoEngine POSIX = new Named("posix");
    private static final IoEngine URING = new Named("uring");

    @Test
    void theRingWinsIfItsOperationsWork() {
        EngineChoice choice = EngineChoice.of("", () -> POSIX, () -> URING, engine -> "all worked");
        assertThat(choice.engine()).isSameAs(URING);
        assertThat(choice.reason()).isEqualTo("all worked");
    }

    @Test
    void withoutARingPosixWinsAndSaysWhy() {
        EngineChoice choice = EngineChoice.of("", () -> POSIX, EngineChoiceTest::noUring, engine -> "");
        assertThat(choice.engine()).isSameAs(POSIX);
        assertThat(choice.reason()).isEqualTo("the container forbids it");
    }

    @Test
    void aRingWhoseOperationsFailIsNotUsed() {
        EngineChoice choice = EngineChoice.of("", () -> POSIX, () -> URING, engine -> {
            throw new UnsupportedOperationException("FALLOCATE is filtered");
        });
        assertThat(choice.engine()).isSameAs(POSIX);
        assertThat(choice.reason()).isEqualTo("FALLOCATE is filtered");
    }

    @Test
    void thePropertyForcesOne() {
        assertThat(EngineChoice.of("posix", () -> POSIX, () -> URING, e -> "").engine())
                .isSameAs(POSIX);
        assertThat(EngineChoice.of("uring", () -> POSIX, () -> URING, e -> "").engine())
                .isSameAs(URING);
        assertThatThrownBy(() -> EngineChoice.of("uring", () -> POSIX, EngineChoiceTest::noUring, e -> ""))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("the container forbids it");
        assertThatThrownBy(() -> EngineChoice.of("fast", () -> POSIX, () -> URING, e -> ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Ddmio.engine=fast: there is no such engine; use posix or uring, or leave it out");
    }

    @Test
    void theBestIsOneOfTheTwoAndGivesAReason() {
        assertThat(IoEngines.best()).isSameAs(IoEngines.best());
        assertThat(IoEngines.best().name()).isIn("posix", "uring");
        assertThat(IoEngines.bestReason()).isNotEmpty();
    }

    @Test
    void aThreadThatMustNotBlockDecidesNothing() {
        List<String> made = new ArrayList<>();
        Mono<EngineChoice> choosing = Mono.fromCallable(() -> EngineChoice.of(
                        "",
                        () -> {
                            made.add("posix");
                            return POSIX;
                        },
                        () -> {
                            made.add("uring");
                            return URING;
                        },
                        EngineProbe::of))
                .subscribeOn(Schedulers.parallel());
        assertThatThrownBy(choosing::block)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ask once on another thread");
        assertThat(made).isEmpty();
    }

    @Test
    void theProbePassesOnThisMachinesPosixEngine() {
        assertThat(EngineProbe.of(IoEngines.posix())).contains("worked");
    }

    @Test
    void aProbeThatCannotOpenSaysSo() {
        assertThatThrownBy(() -> EngineProbe.of(URING))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("uring was probed");
    }

    private static IoEngine noUring() {
        throw new UnsupportedOperationException("the container forbids it");
    }

    /** An engine by name that opens nothing. */
    private record Named(String name) implements IoEngine {
        @Override
        public Mono<BlockDevice> open(Path path, OpenOptions options) {
            return Mono.error(new UnsupportedOperationException("not a real engine"));
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }
}
