package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.ForwardingDevice;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.dmio.device.MemoryDevice;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** docs/guide-devices.md. */
class DevicesGuideTest {

    private final DmIo io = DmIo.create().get(64);
    private final VmBuffer memory = VmBuffer.of(new byte[512]);

    private static List<IoRegion> sector(BlockDevice device) {
        return List.of(new IoRegion(device, 0, 1));
    }

    /** A wrapper states its difference and nothing else. */
    static final class SealableDevice extends ForwardingDevice {

        private final AtomicBoolean sealed = new AtomicBoolean();

        SealableDevice(BlockDevice behind) {
            super(behind);
        }

        /** From now on nothing is changed any more. */
        void seal() {
            sealed.set(true);
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> sealed.get() && changes(op)
                    ? Mono.error(DeviceException.of(Errno.EROFS, info().name(), op, "sealed"))
                    : behind().submit(op));
        }

        private static boolean changes(BlockOp op) {
            return switch (op.kind()) {
                case WRITE, DISCARD, WRITE_ZEROES -> true;
                case READ, FLUSH -> false;
            };
        }
    }

    @Test
    void aSealedDeviceRefusesWhatChangesIt() {
        SealableDevice device = new SealableDevice(MemoryDevice.of("disk", 64));
        assertThat(io.write(sector(device), memory).block()).isEqualTo(ErrorBits.NONE);
        device.seal();
        ErrorBits failed = io.write(sector(device), memory).blockOptional().orElseThrow();
        assertThat(failed.cause(0).orElseThrow().errno()).isEqualTo(Errno.EROFS);
        assertThat(io.read(sector(device).get(0), memory).block()).isEqualTo(ErrorBits.NONE);
    }

    /** Holds something while the device behind works: DeviceCall makes one exception of whatever that throws. */
    static final class CountingDevice extends ForwardingDevice {

        private final AtomicLong inFlight = new AtomicLong();

        CountingDevice(BlockDevice behind) {
            super(behind);
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> {
                inFlight.incrementAndGet();
                return DeviceCall.of(behind(), op).doFinally(end -> inFlight.decrementAndGet());
            });
        }

        long inFlight() {
            return inFlight.get();
        }
    }

    @Test
    void whatIsHeldIsGivenBack() {
        CountingDevice device = new CountingDevice(MemoryDevice.of("disk", 64));
        assertThat(io.write(sector(device), memory).block()).isEqualTo(ErrorBits.NONE);
        assertThat(device.inFlight()).isZero();
    }
}
