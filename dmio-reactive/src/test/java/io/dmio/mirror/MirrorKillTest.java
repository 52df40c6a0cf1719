package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.engine.OpenOptions;
import io.dmio.harness.ChildJvm;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed at any moment: what it had flushed is there, and all legs are equal again. */
@ExtendWith(Seed.class)
class MirrorKillTest {

    private static final int ROUNDS = Integer.getInteger("kill.rounds", 5);
    private static final int LEG_BYTES = 4 << 20;

    @TempDir
    private Path directory;

    @Test
    void whatWasFlushedBeforeAKillIsThereAfterIt(SplittableRandom random) throws IOException, InterruptedException {
        List<Path> legs = IntStream.range(0, 3)
                .mapToObj(i -> directory.resolve("leg-" + i))
                .toList();
        try (KilledWriter.Machine machine = new KilledWriter.Machine(legs)) {
            MirrorDevice made = MirrorDevice.create(
                            machine.devices(OpenOptions.readWrite().withCreate(LEG_BYTES)), MirrorOptions.defaults())
                    .blockOptional()
                    .orElseThrow();
            made.resync().then(made.close()).block();
            long[] least = new long[KilledWriter.PLACES]; // the oldest block that may be found at each place
            long first = 1;
            for (int round = 0; round < ROUNDS; round++) {
                long flushed = killedAfter(random.nextInt(1, 60), first, legs);
                for (long n = first; n <= flushed; n++) {
                    least[KilledWriter.place(n)] = n;
                }
                MirrorDevice mirror = machine.open();
                long last = verify(mirror, least);
                mirror.resync().then(mirror.close()).block();
                legsAreEqual(legs);
                first = Math.max(flushed, last) + 1; // what lies between may have been lost: nobody was told otherwise
            }
        }
    }

    /** Runs a writer, kills it after so many flushes, and tells what it had flushed. */
    private static long killedAfter(int flushes, long first, List<Path> legs) throws IOException, InterruptedException {
        List<String> command = ChildJvm.command(KilledWriter.class, String.valueOf(first));
        legs.forEach(leg -> command.add(leg.toString()));
        Process writer = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long flushed = first - 1;
        int seen = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                flushed = Math.max(flushed, Long.parseLong(line)); // the last line may be cut short
                if (++seen == flushes) {
                    writer.toHandle().destroyForcibly(); // SIGKILL, and what it said before can still be read
                }
            }
        }
        writer.waitFor();
        assertThat(seen).as("the writer wrote").isGreaterThanOrEqualTo(flushes);
        return flushed;
    }

    /** Every place has a whole block, no older than it may be, and stays so; tells the highest number found. */
    private static long verify(MirrorDevice mirror, long[] least) {
        ByteBuf all = Unpooled.directBuffer(KilledWriter.PLACES * KilledWriter.BLOCK_BYTES);
        long highest = 0;
        try {
            mirror.submit(new BlockOp.Read(0, all)).block();
            for (int place = 0; place < least.length; place++) {
                long found = KilledWriter.numberOf(all, place * KilledWriter.BLOCK_BYTES);
                assertThat(found).as("block at place %d", place).isGreaterThanOrEqualTo(least[place]);
                assertThat(found == 0 || KilledWriter.place(found) == place).isTrue();
                least[place] = found;
                highest = Math.max(highest, found);
            }
        } finally {
            all.release();
        }
        return highest;
    }

    private static void legsAreEqual(List<Path> legs) throws IOException {
        int bytes = KilledWriter.PLACES * KilledWriter.BLOCK_BYTES;
        byte[] first = Arrays.copyOf(Files.readAllBytes(legs.get(0)), bytes);
        for (Path leg : legs) {
            assertThat(Arrays.mismatch(first, Arrays.copyOf(Files.readAllBytes(leg), bytes)))
                    .as(leg.toString())
                    .isNegative();
        }
    }
}
