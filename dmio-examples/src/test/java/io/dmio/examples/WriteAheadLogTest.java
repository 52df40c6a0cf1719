package io.dmio.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class WriteAheadLogTest {

    /** Nobody else has it open, so that nothing waits for an owner that is dead. */
    private static final MirrorOptions ALONE =
            MirrorOptions.builder().owner(OwnerOptions.off()).build();

    private final DmIo io = DmIo.create().get(64);

    @Test
    void noRecordIsLostOrInventedWhereverThePowerIsCut() {
        for (int cut = 1; cut < 40; cut++) {
            for (int seed = 0; seed < 10; seed++) {
                MemoryDevice disk = MemoryDevice.of("disk", 256);
                List<String> before = List.of();
                Random random = new Random(seed);
                for (int life = 0; life < 3; life++) { // each goes on where the last one was cut
                    PoweredDisk powered = new PoweredDisk(disk, new AtomicInteger(cut + 2 * before.size() + life));
                    List<String> durable = append(powered, "life " + life);
                    powered.powerOn(random);
                    List<String> found = found(disk);
                    String history = "cut " + cut + ", seed " + seed + ", life " + life;
                    new Life(history, "life " + life, before).held(durable, found);
                    before = found;
                }
            }
        }
    }

    @Test
    void aDiskThatForgetsToFlushLosesRecords() {
        int losses = 0;
        for (int seed = 0; seed < 20; seed++) {
            MemoryDevice disk = MemoryDevice.of("disk", 256);
            PoweredDisk powered = new PoweredDisk(disk, new AtomicInteger(Integer.MAX_VALUE));
            List<String> durable = append(new Forgetful(powered), "life 0");
            powered.powerOn(new Random(seed));
            losses += found(disk).containsAll(durable) ? 0 : 1;
        }
        assertThat(losses).isPositive();
    }

    @Test
    void allWhoWaitedGoByOneFlush() {
        Gate gate = new Gate(MemoryDevice.of("disk", 256));
        WriteAheadLog log = now(WriteAheadLog.open(io, gate));
        gate.opened = Sinks.empty();
        gate.flushes.set(0);
        List<CompletableFuture<Long>> appended = IntStream.range(0, 9)
                .mapToObj(number -> log.append(new byte[] {(byte) number}).toFuture())
                .toList();
        assertThat(appended).noneMatch(CompletableFuture::isDone);
        gate.opened.tryEmitEmpty();
        assertThat(appended).allMatch(CompletableFuture::isDone);
        assertThat(gate.flushes).hasValue(2); // the first record's, and one for the eight behind it
        assertThat(found(gate)).hasSize(9);
    }

    @Test
    void aMirroredLogSurvivesACutAndALegThatFailedBefore() {
        for (int cut = 1; cut < 24; cut++) {
            MemoryDevice a = MemoryDevice.of("a", 4096);
            MemoryDevice b = MemoryDevice.of("b", 4096);
            AtomicInteger power = new AtomicInteger(Integer.MAX_VALUE);
            AtomicInteger cable = new AtomicInteger(Integer.MAX_VALUE);
            PoweredDisk first = new PoweredDisk(a, power);
            PoweredDisk second = new PoweredDisk(b, cable);
            MirrorDevice mirror = now(MirrorDevice.create(List.of(first, second), ALONE));
            power.set(10 + cut);
            cable.set(cut); // this leg fails before the power does
            List<String> durable = append(mirror, "life 0");
            power.set(0);
            mirror.close().onErrorComplete().block();
            first.powerOn(new Random(cut));
            second.powerOn(new Random(-cut));
            MirrorDevice again = now(MirrorDevice.open(List.of(kept(a), kept(b)), ALONE));
            new Life("cut " + cut, "life 0", List.of()).held(durable, found(again));
            again.close().block();
        }
    }

    @Test
    void aKilledProcessFindsAllItSaidWasDurable(@TempDir Path directory) throws IOException, InterruptedException {
        List<String> durable = new ArrayList<>();
        for (int life = 0; life < 2; life++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LogOnMirror.class.getName(),
                            directory.toString())
                    .redirectError(directory.resolve("errors").toFile())
                    .start();
            try (BufferedReader out = process.inputReader(UTF_8);
                    Writer in = process.outputWriter(UTF_8)) {
                for (int number = 0; number < 5; number++) {
                    in.write("record " + life + "-" + number + "\n");
                }
                in.flush();
                for (String record : durable) {
                    assertThat(said(out)).isEqualTo("found " + record);
                }
                for (int number = 0; number < 5; number++) {
                    durable.add("record " + life + "-" + number);
                    assertThat(said(out)).isEqualTo("durable record " + life + "-" + number);
                }
                process.destroyForcibly().waitFor(); // kill -9, neither flush nor close
            }
        }
    }

    private static String said(BufferedReader out) throws IOException {
        String line = out.readLine();
        while (line != null && !line.startsWith("found ") && !line.startsWith("durable ")) {
            line = out.readLine(); // a log's
        }
        return String.valueOf(line);
    }

    /**
     * From one start to the next cut.
     *
     * @param history how it came to it
     * @param name what its records begin with
     * @param before the records that it found
     */
    private record Life(String history, String name, List<String> before) {

        /** Nothing is lost or invented, and of what was not durable at most all. */
        void held(List<String> durable, List<String> found) {
            assertThat(found)
                    .as(history)
                    .doesNotHaveDuplicates()
                    .containsAll(durable)
                    .containsAll(before);
            assertThat(found.subList(0, before.size())).as(history).isEqualTo(before);
            assertThat(found.subList(before.size(), found.size()))
                    .as(history)
                    .allMatch(record -> record.startsWith(name));
            assertThat(found.size()).as(history).isLessThanOrEqualTo(before.size() + 12);
        }
    }

    /** Three groups of four; what was durable before the first error. */
    private List<String> append(BlockDevice device, String life) {
        List<String> durable = Collections.synchronizedList(new ArrayList<>());
        WriteAheadLog.open(io, device)
                .flatMapMany(log -> Flux.range(0, 3)
                        .concatMap(group -> Mono.whenDelayError(IntStream.range(0, 4)
                                .mapToObj(number -> life + " record " + group + "-" + number)
                                .map(text -> log.append(text.getBytes(UTF_8)).doOnSuccess(done -> durable.add(text)))
                                .toList())))
                .onErrorComplete()
                .blockLast();
        return durable;
    }

    private List<String> found(BlockDevice device) {
        return now(WriteAheadLog.open(io, device)).recovered().values().stream()
                .map(record -> new String(record, UTF_8))
                .toList();
    }

    private static BlockDevice kept(MemoryDevice disk) {
        return new PoweredDisk(disk, new AtomicInteger(Integer.MAX_VALUE));
    }

    private static <T> T now(Mono<T> mono) {
        return Objects.requireNonNull(mono.block());
    }
}
