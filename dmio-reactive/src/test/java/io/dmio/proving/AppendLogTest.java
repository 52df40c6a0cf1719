package io.dmio.proving;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.testkit.SimulatedDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class AppendLogTest {

    private static final long SEEDS = 500;

    @Test
    void whatWasAppendedIsFoundAfterAPowerCut() {
        for (long seed = 0; seed < SEEDS; seed++) {
            History history = History.of(seed, disk -> disk);
            int promised = history.appended.size();
            assertThat(history.found).as(history.replay).hasSizeBetween(promised, promised + 1); // one was on its way
            assertThat(history.found.subList(0, promised)).as(history.replay).isEqualTo(history.appended);
        }
    }

    @Test
    void aLogOnADiskThatForgetsToFlushLosesRecords() {
        int losses = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            History history = History.of(seed, Forgetful::new);
            losses += history.found.size() < history.appended.size() ? 1 : 0;
        }
        assertThat(losses).isPositive();
    }

    /** What one seed did: which records were promised to be durable, and which were found after the cut. */
    private record History(List<String> appended, List<String> found, String replay) {

        static History of(long seed, Function<SimulatedDisk, BlockDevice> seen) {
            SplittableRandom random = new SplittableRandom(seed);
            VirtualTimeScheduler clock = VirtualTimeScheduler.create();
            SimulatedDisk disk = SimulatedDisk.of("disk", 256, random.split(), clock);

            AppendLog log = new AppendLog(seen.apply(disk));
            List<String> appended = new ArrayList<>();
            Disposable writer = Flux.range(0, 60)
                    .map(number -> "record " + number + " of seed " + seed)
                    .concatMap(text -> log.append(text).doOnSuccess(done -> appended.add(text)))
                    .subscribe();
            clock.advanceTimeBy(Duration.ofNanos(random.nextLong(1, 60_000_000)));
            disk.cutPower(); // at any moment
            writer.dispose();

            disk.powerOn();
            CompletableFuture<List<String>> found = AppendLog.recover(disk).toFuture();
            clock.advanceTimeBy(Duration.ofSeconds(10));
            return new History(appended, found.join(), "seed " + seed + ":\n" + String.join("\n", disk.log()));
        }
    }

    /** Says that it flushed. */
    private record Forgetful(BlockDevice disk) implements BlockDevice {

        @Override
        public DeviceInfo info() {
            return disk.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return op.kind() == BlockOp.Kind.FLUSH ? Mono.empty() : disk.submit(op);
        }

        @Override
        public Mono<Void> close() {
            return disk.close();
        }
    }
}
