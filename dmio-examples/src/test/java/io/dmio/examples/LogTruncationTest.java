package io.dmio.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.device.MemoryDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** A truncated log gives its space back, and neither loses nor revives a record by that. */
class LogTruncationTest {

    private final DmIo io = DmIo.create().get(64);

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void spaceIsUsedAgainForManyRounds(int blockBytes) {
        MemoryDevice disk = MemoryDevice.of(DeviceInfo.of("disk", 9L * blockBytes / 512, "memory")
                .withBlocks(blockBytes, blockBytes)); // seven blocks of records, and nothing to flush
        NavigableMap<Long, String> kept = new TreeMap<>();
        for (int life = 0; life < 20; life++) {
            WriteAheadLog log = now(WriteAheadLog.open(io, disk));
            assertThat(text(log)).isEqualTo(kept);
            for (int i = 0; i < 5; i++) {
                String record = "life " + life + ", record " + i + "-".repeat(i * blockBytes / 3);
                long number = now(log.append(record.getBytes(UTF_8)));
                kept.put(number, record);
                assertThat(kept.lastKey()).isEqualTo(number);
                log.truncate(number - 2).block();
                kept.headMap(number - 2, true).clear();
            }
        }
        assertThat(kept.lastKey()).as("numbers go on").isEqualTo(100);
    }

    @Test
    void noRecordIsLostOrRevivedWhereverThePowerIsCut() {
        for (int cut = 1; cut < 90; cut++) {
            for (int seed = 0; seed < 4; seed++) {
                MemoryDevice disk = MemoryDevice.of("disk", 10); // eight sectors of records: many rounds
                Random random = new Random(seed);
                History before = new History();
                for (int life = 0; life < 3; life++) {
                    PoweredDisk powered = new PoweredDisk(disk, new AtomicInteger(cut + 7 * life));
                    before.run(powered, "life " + life);
                    powered.powerOn(random);
                    before.held("cut " + cut + ", seed " + seed + ", life " + life, disk);
                }
            }
        }
    }

    @Test
    void aDiskThatForgetsToFlushBreaksIt() {
        int broken = 0;
        for (int seed = 0; seed < 20; seed++) {
            MemoryDevice disk = MemoryDevice.of("disk", 10);
            PoweredDisk powered = new PoweredDisk(disk, new AtomicInteger(60));
            History history = new History();
            history.run(new Forgetful(powered), "life 0");
            powered.powerOn(new Random(seed));
            try {
                history.held("seed " + seed, disk);
            } catch (AssertionError | DeviceException lost) {
                broken++;
            }
        }
        assertThat(broken).isPositive();
    }

    @Test
    void aFullLogIsOpenedAndTruncatedAndWhatFitsIsTaken() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        WriteAheadLog log = now(WriteAheadLog.open(io, disk));
        for (int i = 0; i < 5; i++) {
            log.append(new byte[] {1}).block();
        }
        StepVerifier.create(log.append(new byte[1000])).verifyErrorSatisfies(LogTruncationTest::isFull);
        log.append(new byte[] {2}).block(); // the last sector
        StepVerifier.create(log.append(new byte[1])).verifyErrorSatisfies(LogTruncationTest::isFull);
        for (int i = 0; i < 10; i++) { // opening takes no space
            log = now(WriteAheadLog.open(io, disk));
            assertThat(log.recovered()).hasSize(6);
        }
        log.truncate(3).block();
        assertThat(now(log.append(new byte[1000]))).isEqualTo(7);
        assertThat(now(WriteAheadLog.open(io, disk)).recovered()).containsOnlyKeys(4L, 5L, 6L, 7L);
    }

    @Test
    void ofThoseThatGoTogetherEachHasItsOwnEnd() {
        Gate gate = new Gate(MemoryDevice.of("disk", 10));
        WriteAheadLog log = now(WriteAheadLog.open(io, gate));
        log.append(new byte[] {0}).block();
        gate.opened = Sinks.empty();
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        tell(told, "first", log.append(new byte[1])); // at the gate; the others wait for it, and go together
        IntStream.range(0, 8).forEach(i -> tell(told, "" + i, log.append(new byte[1])));
        tell(told, "truncated", log.truncate(1).cast(Long.class));
        gate.opened.tryEmitEmpty();
        assertThat(told)
                .containsExactly("first 2", "truncated", "0 3", "1 4", "2 5", "3 6", "4 7", "5 8", "6 9", "7 ENOSPC");
    }

    @Test
    void moreThanMayWaitAreRefused() {
        Gate gate = new Gate(MemoryDevice.of("disk", 1000));
        WriteAheadLog log = now(WriteAheadLog.open(io, gate));
        gate.opened = Sinks.empty();
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        IntStream.range(0, 258).forEach(i -> tell(told, "" + i, log.append(new byte[1])));
        assertThat(told).hasSize(1);
        gate.opened.tryEmitEmpty();
        assertThat(told).hasSize(258);
    }

    @Test
    void aDeviceThatIsNoLogIsNotTakenForANewOne() {
        MemoryDevice disk = MemoryDevice.of("disk", 10);
        byte[] other = new byte[1024];
        Arrays.fill(other, (byte) 7);
        disk.load(0, other);
        StepVerifier.create(WriteAheadLog.open(io, disk))
                .verifyErrorMessage(
                        "EBADMSG: disk: there is no log: neither of its two first blocks is whole, or zero");
        StepVerifier.create(WriteAheadLog.open(io, MemoryDevice.of("tiny", 2)))
                .verifyErrorMessage("ENOSPC: tiny: too small for a log");
    }

    /** What was promised, over all lives. */
    private final class History {
        private final TreeMap<Long, String> durable = new TreeMap<>();
        private final TreeMap<Long, String> asked = new TreeMap<>();
        private long truncated; // is durable
        private long truncating; // was asked for

        /** Appends two at a time, and keeps three, until the power goes. */
        void run(BlockDevice device, String life) {
            WriteAheadLog.open(io, device)
                    .flatMapMany(log -> Flux.range(0, 40).concatMap(i -> both(log, life, i)))
                    .onErrorComplete()
                    .blockLast();
        }

        private Mono<Void> both(WriteAheadLog log, String life, int i) {
            return Flux.range(0, 2)
                    .flatMap(k -> {
                        String record = life + ", record " + i + "-" + k + " ".repeat(i % 3 * 300);
                        asked.put((long) asked.size(), record);
                        return log.append(record.getBytes(UTF_8)).doOnNext(number -> durable.put(number, record));
                    })
                    .then(Mono.defer(() -> {
                        long upTo = durable.lastKey() - 3;
                        truncating = Math.max(truncating, upTo);
                        return log.truncate(upTo).doOnSuccess(done -> truncated = Math.max(truncated, upTo));
                    }));
        }

        void held(String history, BlockDevice disk) {
            NavigableMap<Long, String> found = text(now(WriteAheadLog.open(io, disk)));
            assertThat(found).as(history).containsAllEntriesOf(durable.tailMap(truncating, false));
            assertThat(found.headMap(truncated, true)).as(history).isEmpty();
            assertThat(asked.values()).as(history).containsAll(found.values());
            if (!found.isEmpty()) {
                assertThat(found.lastKey() - found.firstKey()).as(history).isEqualTo(found.size() - 1);
            }
            durable.clear();
            durable.putAll(found); // from now on they are
            truncated = Math.max(truncated, found.isEmpty() ? truncated : found.firstKey() - 1);
        }
    }

    private static void tell(List<String> told, String who, Mono<Long> work) {
        work.map(number -> who + " " + number)
                .defaultIfEmpty(who)
                .onErrorResume(DeviceException.class, failed -> Mono.just(who + " " + failed.errno()))
                .onErrorResume(failed -> Mono.just(who + " " + failed))
                .subscribe(told::add);
    }

    private static void isFull(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        DeviceException.class, full -> assertThat(full.errno()).isEqualTo(Errno.ENOSPC));
    }

    private static NavigableMap<Long, String> text(WriteAheadLog log) {
        NavigableMap<Long, String> text = new TreeMap<>();
        log.recovered().forEach((number, record) -> text.put(number, new String(record, UTF_8)));
        return text;
    }

    private static <T> T now(Mono<T> mono) {
        return Objects.requireNonNull(mono.block());
    }
}
