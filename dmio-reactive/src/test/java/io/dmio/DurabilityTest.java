package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.harness.PowerCutDisk;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What may be relied on after the power was cut: what was flushed, or written with force unit access, and no more. */
class DurabilityTest {

    private final DmIo io = DmIo.create().get(16);
    private final List<PowerCutDisk> disks =
            List.of(new PowerCutDisk("a", 80), new PowerCutDisk("b", 80), new PowerCutDisk("c", 80));

    @Test
    void anAcknowledgedWriteIsLostWithoutAFlush() {
        io.writeSync(regions(0), pattern(0));

        assertThat(disks)
                .allSatisfy(disk -> assertThat(disk.afterPowerCut(0, 8)).isEqualTo(new byte[4096]));
    }

    @Test
    void aFlushedWriteIsThereOnEveryLeg() {
        io.writeSync(regions(0), pattern(0));
        io.flushSync(regions(0));
        io.writeSync(regions(8), pattern(8));

        assertThat(disks).allSatisfy(disk -> {
            assertThat(disk.afterPowerCut(0, 8)).isEqualTo(Patterns.bytes(0, 8, 1));
            assertThat(disk.afterPowerCut(8, 8)).isEqualTo(new byte[4096]);
        });
    }

    @Test
    void aForcedWriteIsThereAloneAndAPreflushHardensWhatCameBefore() {
        io.writeSync(regions(0), pattern(0));
        io.writeSync(regions(8), pattern(8), WriteOptions.NONE.withFua());
        assertThat(disks.get(0).log()).containsExactly("write 8");

        io.writeSync(regions(16), pattern(16), WriteOptions.NONE.withPreflush());
        assertThat(disks.get(0).log()).containsExactly("write 8", "write 0", "flush");
    }

    @Test
    void onlyWhatWasAnsweredBeforeTheFlushIsInIt() {
        PowerCutDisk disk = disks.get(0);
        ManualDevice slow = ManualDevice.of("slow", 80);
        BlockDevice leg = new BlockDevice() { // answers a write when the test says so, and hardens as the disk does
                    @Override
                    public DeviceInfo info() {
                        return disk.info();
                    }

                    @Override
                    public Mono<Void> submit(BlockOp op) {
                        return op.kind() == BlockOp.Kind.FLUSH
                                ? disk.submit(op)
                                : slow.submit(op).then(disk.submit(op));
                    }

                    @Override
                    public Mono<Void> close() {
                        return disk.close();
                    }
                };
        List<IoRegion> one = List.of(new IoRegion(leg, 0, 8));
        List<IoRegion> two = List.of(new IoRegion(leg, 8, 8));
        List<IoRegion> three = List.of(new IoRegion(leg, 16, 8));
        var writes = Stream.of(one, two, three)
                .map(where -> io.write(where, pattern(where.get(0).sector())).toFuture())
                .toList();
        slow.answer(2);
        slow.answer(1);
        io.flushSync(one);
        slow.answer(0);
        writes.forEach(write -> assertThat(write.join()).isEqualTo(ErrorBits.NONE));
        io.flushSync(one);

        assertThat(disk.log()).containsExactly("write 16", "write 8", "flush", "write 0", "flush");
    }

    private List<IoRegion> regions(long sector) {
        return disks.stream().map(disk -> new IoRegion(disk, sector, 8)).toList();
    }

    private static VmBuffer pattern(long sector) {
        return VmBuffer.of(Patterns.bytes(sector, 8, 1));
    }
}
