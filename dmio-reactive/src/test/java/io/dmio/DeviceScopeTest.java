package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** All devices or none, closed whatever happens. */
class DeviceScopeTest {

    private static final int ROUNDS = 2000;

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<MemoryDevice> made = new CopyOnWriteArrayList<>();

    @Test
    void workThatFailsInAWayThatReactorCallsFatalIsToldAndTheDevicesAreClosed() {
        Mono<BlockDevice> elsewhere =
                opening("a").publishOn(Schedulers.boundedElastic()); // where nobody would hear of it
        StepVerifier.create(DeviceScope.of(List.of(elsewhere)).mono(devices -> {
                    throw new NoClassDefFoundError("of the work");
                }))
                .expectErrorMatches(told -> told.getCause() instanceof NoClassDefFoundError)
                .verify(Duration.ofSeconds(30));
        StepVerifier.create(DeviceScope.of(List.of(elsewhere)).flux(devices -> {
                    throw new NoClassDefFoundError("of the work");
                }))
                .expectErrorMatches(told -> told.getCause() instanceof NoClassDefFoundError)
                .verify(Duration.ofSeconds(30));
        assertThat(log).containsExactly("open a", "close a", "open a", "close a");
    }

    @Test
    void theFirstFailureIsToldAlsoWhereClosingFailsWithAnotherOneOrTheSame() {
        IllegalStateException ofWork = new IllegalStateException("of the work");
        IllegalStateException ofClose = new IllegalStateException("of the close");
        for (IllegalStateException closing : List.of(ofClose, ofWork)) {
            Mono<BlockDevice> opening = Mono.just(new ForwardingDevice(MemoryDevice.of("a", 8)) {
                @Override
                public Mono<Void> close() {
                    return Mono.error(closing);
                }
            });
            DeviceScope<BlockDevice> scope = DeviceScope.of(List.of(opening));
            for (Mono<?> failing : List.of(
                    scope.mono(devices -> Mono.error(ofWork)),
                    scope.flux(devices -> Flux.error(ofWork)).then(),
                    DeviceScope.of(List.of(opening, Mono.<BlockDevice>error(ofWork)))
                            .open())) {
                StepVerifier.create(failing)
                        .expectErrorSatisfies(told -> assertThat(told).isSameAs(ofWork))
                        .verify();
            }
        }
        assertThat(ofWork.getSuppressed()).containsOnly(ofClose);
    }

    @Test
    void aCloseThatFailsAfterTheWorkIsTheError() {
        IllegalStateException ofClose = new IllegalStateException("of the close");
        Mono<BlockDevice> opening = Mono.just(new ForwardingDevice(MemoryDevice.of("a", 8)) {
            @Override
            public Mono<Void> close() {
                return Mono.error(ofClose);
            }
        });
        DeviceScope<BlockDevice> scope = DeviceScope.of(List.of(opening, opening("b")));
        StepVerifier.create(scope.mono(devices -> Mono.just(1)))
                .expectErrorSatisfies(told -> assertThat(told).isSameAs(ofClose))
                .verify();
        StepVerifier.create(scope.mono(devices -> Mono.empty()))
                .expectErrorSatisfies(told -> assertThat(told).isSameAs(ofClose))
                .verify();
        StepVerifier.create(scope.flux(devices -> Flux.just(1, 2)))
                .expectNext(1, 2)
                .expectErrorSatisfies(told -> assertThat(told).isSameAs(ofClose))
                .verify();
        assertThat(log).containsExactly("open b", "close b", "open b", "close b", "open b", "close b");
    }

    @Test
    void devicesAreOpenWhileTheWorkRunsAndClosedBeforeItsResultIsTold() {
        StepVerifier.create(DeviceScope.of(List.of(opening("a"), opening("b")))
                        .mono(devices -> Mono.fromSupplier(() -> {
                            assertThat(devices)
                                    .extracting(device -> device.info().name())
                                    .containsExactly("a", "b");
                            assertThat(log).containsExactly("open a", "open b");
                            return 42;
                        })))
                .assertNext(result -> assertThat(log).containsExactly("open a", "open b", "close b", "close a"))
                .verifyComplete();
    }

    @Test
    void resultsOfAStreamComeWhileTheDevicesAreOpen() {
        StepVerifier.create(DeviceScope.of(List.of(opening("a"), opening("b")))
                        .flux(devices -> Flux.range(0, 3).doOnNext(i -> log.add("result " + i))))
                .expectNext(0, 1, 2)
                .verifyComplete();
        assertThat(log).containsExactly("open a", "open b", "result 0", "result 1", "result 2", "close b", "close a");
    }

    @Test
    void anOpeningThatGivesNoDeviceIsAnErrorNotAnEnd() {
        DeviceScope<BlockDevice> scope = DeviceScope.of(List.of(opening("a"), Mono.<BlockDevice>empty()));
        for (Mono<?> work : List.of(
                scope.mono(devices -> Mono.just(1)),
                scope.flux(devices -> Flux.just(1)).then())) {
            log.clear();
            StepVerifier.create(work).expectError(IllegalStateException.class).verify();
            assertThat(log).containsExactly("open a", "close a");
        }
    }

    @Test
    void whatIsOpenIsClosedBeforeItIsToldThatAnotherOneCannotBeOpened() {
        DeviceException refused = DeviceException.of(Errno.EBUSY, "c", "");
        for (Mono<?> work : List.of(
                DeviceScope.of(List.of(opening("a"), opening("b"), Mono.<BlockDevice>error(refused)))
                        .mono(devices -> Mono.just(1)),
                DeviceScope.of(List.of(opening("a"), opening("b"), Mono.<BlockDevice>error(refused)))
                        .flux(devices -> Flux.just(1))
                        .then())) {
            log.clear();
            StepVerifier.create(work)
                    .expectErrorSatisfies(error -> {
                        assertThat(error).isSameAs(refused);
                        assertThat(log).containsExactly("open a", "open b", "close b", "close a");
                    })
                    .verify();
        }
    }

    @Test
    void workThatFailsOrThrowsClosesAll() {
        for (boolean thrown : new boolean[] {false, true}) {
            log.clear();
            IllegalStateException bug = new IllegalStateException("of the work");
            StepVerifier.create(
                            DeviceScope.of(List.of(opening("a"), opening("b"))).mono(devices -> {
                                if (thrown) {
                                    throw bug;
                                }
                                return Mono.error(bug);
                            }))
                    .expectErrorMatches(bug::equals)
                    .verify();
            assertThat(log).containsExactly("open a", "open b", "close b", "close a");
        }
    }

    @Test
    void cancellingTheWorkClosesAll() {
        DeviceScope.of(List.of(opening("a"), opening("b")))
                .mono(devices -> Mono.never())
                .subscribe()
                .dispose();
        assertThat(log).containsExactly("open a", "open b", "close b", "close a");
        log.clear();
        DeviceScope.of(List.of(opening("a"), opening("b")))
                .flux(devices -> Flux.range(0, 9))
                .take(2)
                .blockLast();
        assertThat(log).containsExactly("open a", "open b", "close b", "close a");
    }

    @Test
    void aDeviceThatComesAfterTheCancelIsClosed() {
        for (boolean first : new boolean[] {true, false}) {
            Late late = new Late();
            List<Mono<BlockDevice>> openings = first ? List.of(late, opening("b")) : List.of(opening("a"), late);
            Disposable mono =
                    DeviceScope.of(openings).mono(devices -> Mono.never()).subscribe();
            mono.dispose();
            late.emit();
            Disposable flux =
                    DeviceScope.of(openings).flux(devices -> Flux.never()).subscribe();
            flux.dispose();
            late.emit();
        }
        assertThat(made)
                .isNotEmpty()
                .allSatisfy(device -> assertThat(isClosed(device)).isTrue());
    }

    @Test
    @ExtendWith(Seed.class)
    void aCancelThatMeetsTheHandOverLosesNoDevice(SplittableRandom random) {
        for (int round = 0; round < ROUNDS; round++) {
            Late late = new Late();
            List<Mono<BlockDevice>> openings = new ArrayList<>(List.of(opening("a"), opening("b")));
            openings.add(random.nextInt(3), late);
            DeviceScope<BlockDevice> scope = DeviceScope.of(openings);
            Disposable work = random.nextBoolean()
                    ? scope.mono(devices -> Mono.never()).subscribe()
                    : scope.flux(devices -> Flux.never()).subscribe();
            RaceTestUtils.race(late::emit, work::dispose);
        }
        assertThat(made)
                .hasSizeGreaterThanOrEqualTo(ROUNDS)
                .allSatisfy(device -> assertThat(isClosed(device)).isTrue());
    }

    private Mono<BlockDevice> opening(String name) {
        return Mono.fromSupplier(() -> {
            log.add("open " + name);
            return new Logged(device(name));
        });
    }

    private MemoryDevice device(String name) {
        MemoryDevice device = MemoryDevice.of(name, 8);
        made.add(device);
        return device;
    }

    private static boolean isClosed(BlockDevice device) {
        return device.submit(new BlockOp.Flush())
                .materialize()
                .blockOptional()
                .orElseThrow()
                .hasError();
    }

    /** Says when it is closed. */
    private final class Logged extends ForwardingDevice {

        Logged(MemoryDevice device) {
            super(device);
        }

        @Override
        public Mono<Void> close() {
            return super.close().doOnSubscribe(now -> log.add("close " + info().name()));
        }
    }

    /** An opening that has decided to hand its device over when the cancel comes. */
    private final class Late extends Mono<BlockDevice> {
        private final List<CoreSubscriber<? super BlockDevice>> subscribers = new CopyOnWriteArrayList<>();

        @Override
        public void subscribe(CoreSubscriber<? super BlockDevice> actual) {
            actual.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {
                    subscribers.add(actual);
                }

                @Override
                public void cancel() {
                    // Too late.
                }
            });
        }

        void emit() {
            for (CoreSubscriber<? super BlockDevice> subscriber : subscribers) {
                subscriber.onNext(device("late"));
                subscriber.onComplete();
            }
            subscribers.clear();
        }
    }
}
