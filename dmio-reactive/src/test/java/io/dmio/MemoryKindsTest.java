package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.harness.AnyMemory;
import io.dmio.harness.AnyMemory.Drawn;
import io.dmio.harness.DrawnMemory;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;

/**
 * Every kind of buffer that users hand over, through one span and many, to one region and several, against a model of bytes. What is
 * beside the bytes, and who holds them, is as it was.
 */
@ExtendWith(Seed.class)
class MemoryKindsTest {

    private static final int ROUNDS = 40;
    private static final int SECTORS_MAX = 200;

    @RepeatedTest(8)
    void whatIsWrittenIsWhatTheMemoryHolds(RepetitionInfo run) {
        SplittableRandom random = Seed.random("write of any memory " + run.getCurrentRepetition());
        for (int round = 0; round < ROUNDS; round++) {
            Setting setting = new Setting(random);
            try (AnyMemory any = new AnyMemory(random)) {
                DrawnMemory memory = DrawnMemory.of(any, setting.bytes, true, random);
                byte[] content = memory.content();
                List<Integer> references = any.references();
                WriteOptions options = new WriteOptions(false, false, random.nextInt(4) == 0);
                ErrorBits failed = setting.io.writeSync(setting.regions, memory.memory(), options);
                assertThat(failed.isClear()).as("%s", failed).isTrue();
                assertThat(any.references()).isEqualTo(references);
                any.assertNothingElseChanged();
                setting.assertAllHold(Arrays.copyOf(content, setting.bytes), memory);
            }
        }
    }

    @RepeatedTest(8)
    void whatIsReadIsWhereItBelongsAndNothingElseChanges(RepetitionInfo run) {
        SplittableRandom random = Seed.random("read into any memory " + run.getCurrentRepetition());
        for (int round = 0; round < ROUNDS; round++) {
            Setting setting = new Setting(random);
            byte[] stored = new byte[setting.bytes];
            new java.util.Random(random.nextLong()).nextBytes(stored);
            IoRegion from = setting.regions.get(0);
            setting.devices.get(0).load(from.sector(), stored);
            try (AnyMemory any = new AnyMemory(random)) {
                DrawnMemory memory = DrawnMemory.of(any, setting.bytes, false, random);
                List<Integer> references = any.references();
                ErrorBits failed = setting.io.readSync(from, memory.memory());
                assertThat(failed.isClear()).as("%s", failed).isTrue();
                assertThat(any.references()).isEqualTo(references);
                memory.expect(stored);
                any.assertNothingElseChanged();
            }
            setting.close();
        }
    }

    @RepeatedTest(8)
    void aStreamOfAnyBuffersIsWrittenInOrder(RepetitionInfo run) {
        SplittableRandom random = Seed.random("stream of any memory " + run.getCurrentRepetition());
        for (int round = 0; round < ROUNDS; round++) {
            Setting setting = new Setting(random);
            try (AnyMemory any = new AnyMemory(random)) {
                List<ByteBuf> buffers = new ArrayList<>();
                byte[] content = new byte[setting.bytes];
                for (int done = 0; done < setting.bytes; ) {
                    int length = Math.min(setting.bytes - done, 1 + random.nextInt(9000));
                    int before = random.nextInt(3) * random.nextInt(700);
                    Drawn drawn = any.draw(before + length + random.nextInt(700), true);
                    System.arraycopy(drawn.content(), before, content, done, length);
                    buffers.add(drawn.buffer().setIndex(before, before + length));
                    done += length;
                }
                List<Integer> references = any.references();
                buffers.forEach(ByteBuf::retain); // what the stream hands over
                ErrorBits failed = setting.io
                        .write(setting.regions, Flux.fromIterable(buffers).hide())
                        .blockOptional()
                        .orElseThrow();
                assertThat(failed.isClear()).as("%s", failed).isTrue();
                assertThat(any.references()).isEqualTo(references);
                any.assertNothingElseChanged();
                setting.assertAllHold(content, buffers);
            }
        }
    }

    /** A request's length, its devices, and a client whose spans are short or long. */
    private static final class Setting {
        final int bytes;
        final List<MemoryDevice> devices = new ArrayList<>();
        final List<IoRegion> regions = new ArrayList<>();
        final DmIo io;

        Setting(SplittableRandom random) {
            int sectors = 1 + random.nextInt(random.nextInt(3) == 0 ? 8 : SECTORS_MAX);
            bytes = sectors * Sectors.BYTES;
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                DeviceInfo info = MemoryDevice.of("disk" + i, SECTORS_MAX + 16)
                        .info()
                        .withMemoryAlignmentBytes(1 << random.nextInt(13))
                        .withTransferBytesMax(512 * (1 + random.nextInt(random.nextBoolean() ? 8 : 600)));
                MemoryDevice device = random.nextBoolean() ? MemoryDevice.of(info) : MemoryDevice.direct(info);
                devices.add(device);
                regions.add(new IoRegion(device, random.nextInt(16), sectors));
            }
            io = DmIo.builder()
                    .transferBytesMax(4096 * (1 + random.nextInt(random.nextBoolean() ? 4 : 64)))
                    .build()
                    .get(1 + random.nextInt(random.nextBoolean() ? 8 : 256));
        }

        void assertAllHold(byte[] content, Object what) {
            for (int i = 0; i < devices.size(); i++) {
                IoRegion region = regions.get(i);
                byte[] stored = devices.get(i).snapshot(region.sector(), (int) region.count());
                assertThat(Arrays.mismatch(stored, content))
                        .as("first wrong byte of %s, of %s", region, what)
                        .isEqualTo(-1);
            }
            close();
        }

        void close() {
            devices.forEach(device -> device.close().block());
        }
    }
}
