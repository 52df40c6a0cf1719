package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.BlockDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Which engine wins, and what people are told. */
class EngineChoiceTest {

    private static final IoEngine POSIX = new Named("posix");
    private static final IoEngine URING = new Named("uring");
    private static final IoEngine JDK = new Named("jdk");

    @Test
    void theRingWinsIfItsOperationsWork() {
        EngineChoice choice = EngineChoice.of("", from(() -> URING, () -> POSIX), engine -> "all worked");
        assertThat(choice.engine()).isSameAs(URING);
        assertThat(choice.reason()).isEqualTo("all worked");
    }

    @Test
    void withoutARingPosixWinsAndSaysWhy() {
        EngineChoice choice = EngineChoice.of("", from(EngineChoiceTest::noUring, () -> POSIX), engine -> "");
        assertThat(choice.engine()).isSameAs(POSIX);
        assertThat(choice.reason()).isEqualTo("the container forbids it");
    }

    @Test
    void withoutSystemCallsTheJdkWinsAndSaysWhyNotTheOthers() {
        EngineChoice choice =
                EngineChoice.of("", from(EngineChoiceTest::noUring, EngineChoiceTest::noPosix), engine -> "");
        assertThat(choice.engine()).isSameAs(JDK);
        assertThat(choice.reason()).isEqualTo("the container forbids it; this is no Linux");
    }

    @Test
    void aReasonThatBothHaveIsSaidOnce() {
        EngineChoice choice =
                EngineChoice.of("", from(EngineChoiceTest::noPosix, EngineChoiceTest::noPosix), engine -> "");
        assertThat(choice.engine()).isSameAs(JDK);
        assertThat(choice.reason()).isEqualTo("this is no Linux");
    }

    @Test
    void aRingWhoseOperationsFailIsNotUsed() {
        EngineChoice choice = EngineChoice.of("", from(() -> URING, () -> POSIX), engine -> {
            throw new UnsupportedOperationException("FALLOCATE is filtered");
        });
        assertThat(choice.engine()).isSameAs(POSIX);
        assertThat(choice.reason()).isEqualTo("FALLOCATE is filtered");
    }

    @Test
    void thePropertyForcesOne() {
        assertThat(EngineChoice.of("posix", from(() -> URING, () -> POSIX), e -> "")
                        .engine())
                .isSameAs(POSIX);
        assertThat(EngineChoice.of("uring", from(() -> URING, () -> POSIX), e -> "")
                        .engine())
                .isSameAs(URING);
        assertThatThrownBy(() -> EngineChoice.of("uring", from(EngineChoiceTest::noUring, () -> POSIX), e -> ""))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("the container forbids it");
        assertThat(EngineChoice.of("jdk", from(() -> URING, () -> POSIX), e -> "")
                        .engine())
                .isSameAs(JDK);
        assertThatThrownBy(() -> EngineChoice.of("fast", from(() -> URING, () -> POSIX), e -> ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Ddmio.engine=fast: there is no such engine; use posix, uring or jdk, or leave it out");
    }

    @Test
    void theBestIsOneOfThemAndGivesAReason() {
        assertThat(IoEngines.best()).isSameAs(IoEngines.best());
        assertThat(IoEngines.best().name()).isIn("posix", "uring", "jdk");
        assertThat(IoEngines.bestReason()).isNotEmpty();
    }

    @Test
    void aThreadThatMustNotBlockDecidesNothing() {
        List<String> made = new ArrayList<>();
        Mono<EngineChoice> choosing = Mono.fromCallable(() -> EngineChoice.of(
                        "",
                        from(
                                () -> {
                                    made.add("uring");
                                    return URING;
                                },
                                () -> {
                                    made.add("posix");
                                    return POSIX;
                                }),
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

    private static EngineChoice.Candidates from(Supplier<IoEngine> uring, Supplier<IoEngine> posix) {
        return new EngineChoice.Candidates(uring, posix, () -> JDK);
    }

    private static IoEngine noPosix() {
        throw new UnsupportedOperationException("this is no Linux");
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
