package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.testkit.DeviceFixture;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Requests in several parts on a device that throws: all of them end, and then the request does. */
class ExportIoTest extends DeviceFixture {

    private static final int PIECE_BYTES = 4096;

    /** How a device fails that keeps to no contract. */
    enum Fault {
        THROWS_AT_SUBMIT,
        SIGNALS_WHAT_REACTOR_THROWS,
        GIVES_NULL
    }

    @ParameterizedTest
    @EnumSource
    void aRequestEndsWithItsLastPieceThoughALaterOneIsThrown(Fault fault) {
        ManualDevice disk = new ManualDevice(DeviceInfo.of("disk", 64, "manual").withTransferBytesMax(PIECE_BYTES));
        ExportIo io = new ExportIo(new Bad(disk, 3, fault));
        ByteBuf memory = memory(4 * PIECE_BYTES);
        List<Throwable> ends = new ArrayList<>();
        io.read(0, memory, 4 * PIECE_BYTES).subscribe(done -> {}, ends::add);
        assertThat(disk.ops()).hasSize(3); // all but the one that was thrown
        disk.answer(0);
        disk.answer(1);
        assertThat(ends).isEmpty();
        disk.answer(2);
        assertThat(ends)
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        DeviceException.class,
                        failure -> assertThat(failure.errno())
                                .isEqualTo(fault == Fault.GIVES_NULL ? Errno.EIO : Errno.ENOMEM));
    }

    @ParameterizedTest
    @EnumSource
    void theBounceBufferIsGivenBackWhateverTheDeviceDoes(Fault fault) {
        ManualDevice disk = new ManualDevice(DeviceInfo.of("disk", 64, "manual").withTransferBytesMax(PIECE_BYTES));
        for (int bad = 1; bad <= 3; bad++) { // of the reads at both ends, and the write
            Bad device = new Bad(disk, bad, fault);
            ByteBuf memory = filled(PIECE_BYTES, 1);
            StepVerifier.Step<Void> write = StepVerifier.create(new ExportIo(device).write(100, memory, 1000, false))
                    .thenRequest(1);
            int before = disk.ops().size();
            write.then(() -> disk.answerFrom(before))
                    .expectError(DeviceException.class)
                    .verify(PATIENCE);
            assertThat(device.seen)
                    .isNotEmpty()
                    .allSatisfy(part -> assertThat(part.refCnt()).isZero());
        }
    }

    /** Fails one operation in its own way, and remembers what it was to fill or to take. */
    private static final class Bad implements BlockDevice {
        private final BlockDevice next;
        private final Fault fault;
        private final List<ByteBuf> seen = new ArrayList<>();
        private int left;

        Bad(BlockDevice next, int failing, Fault fault) {
            this.next = next;
            this.left = failing;
            this.fault = fault;
        }

        @Override
        public DeviceInfo info() {
            return next.info();
        }

        @Override
        @SuppressWarnings("NullAway") // null is one of its faults
        public Mono<Void> submit(BlockOp op) {
            seen.add(op instanceof BlockOp.Read read ? read.into() : ((BlockOp.Write) op).from());
            if (--left != 0) {
                return next.submit(op);
            }
            OutOfMemoryError none = new OutOfMemoryError("as scripted");
            return switch (fault) {
                case THROWS_AT_SUBMIT -> throw none;
                case SIGNALS_WHAT_REACTOR_THROWS -> Mono.error(none);
                case GIVES_NULL -> null;
            };
        }

        @Override
        public Mono<Void> close() {
            return next.close();
        }
    }
}
