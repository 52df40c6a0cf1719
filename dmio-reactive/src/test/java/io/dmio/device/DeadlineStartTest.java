package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.ForwardingDevice;
import io.dmio.PagePool;
import io.dmio.testkit.DeviceFixture;
import io.dmio.testkit.ManualDevice;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A deadline, or a cancel, that comes while the device behind is being asked: memory is still what the device was asked with. */
class DeadlineStartTest extends DeviceFixture {

    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
    private final ManualDevice slow = ManualDevice.of("slow", 64);
    private final AtomicReference<Runnable> whileAsked = new AtomicReference<>(() -> clock.advanceTimeBy(DEADLINE));
    private final DeadlineDevice device =
            DeadlineDevice.of(interruptedAsItIsAsked(), DEADLINE).withScheduler(() -> clock);

    @Test
    void aReadThatIsLateBeforeTheDeviceHasItsMemoryFillsNobodyElses() {
        ByteBuf into = memory(512);
        AtomicReference<ByteBuf> next = new AtomicReference<>();
        device.submit(new BlockOp.Read(0, into)).subscribe(done -> {}, late -> {
            isTimeout(late);
            next.set(memory(512)); // what was given back may be this
        });
        assertThat(into.refCnt()).as("free for another leg").isEqualTo(1);
        assertThat(slow.ops()).hasSize(1);
        assertThat(device.overdueCount()).isOne();
        slow.answer(0);
        assertThat(zeroes(Objects.requireNonNull(next.get()), 0, 1)).isTrue();
        assertThat(zeroes(into, 0, 1)).isTrue();
        assertThat(device.overdueCount()).isZero();
    }

    @Test
    void aWriteThatIsLateBeforeTheDeviceHasItsMemoryIsOfWhatItWasGiven() {
        ByteBuf from = PagePool.shared().allocate(512).setZero(0, 512);
        device.submit(new BlockOp.Write(0, from, false)).subscribe(done -> {}, late -> {
            isTimeout(late);
            from.release(); // as who is told that it failed may do
            filled(512, 1);
        });
        assertThat(slow.ops()).hasSize(1);
        ByteBuf asked = ((BlockOp.Write) slow.ops().get(0)).from();
        assertThat(asked.refCnt()).as("the device has it").isEqualTo(1);
        assertThat(zeroes(asked, 0, 1)).isTrue();
        slow.answer(0);
        assertThat(from.refCnt()).isZero();
        assertThat(device.overdueCount()).isZero();
    }

    @Test
    void aReadThatIsCancelledBeforeTheDeviceHasItsMemoryFillsNobodyElses() {
        ByteBuf into = memory(512);
        AtomicReference<Disposable> reading = new AtomicReference<>();
        AtomicReference<ByteBuf> next = new AtomicReference<>();
        whileAsked.set(() -> {
            Objects.requireNonNull(reading.get()).dispose();
            next.set(memory(512));
        });
        device.submit(new BlockOp.Read(0, into))
                .doOnSubscribe(running -> reading.set(running::cancel))
                .subscribe();
        assertThat(into.refCnt()).isEqualTo(1);
        assertThat(slow.ops()).hasSize(1);
        slow.answer(0);
        assertThat(zeroes(Objects.requireNonNull(next.get()), 0, 1)).isTrue();
        assertThat(zeroes(into, 0, 1)).isTrue();
        assertThat(device.overdueCount()).isZero();
    }

    private BlockDevice interruptedAsItIsAsked() {
        return new ForwardingDevice(slow) {
            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.defer(() -> {
                    Objects.requireNonNull(whileAsked.get()).run();
                    return behind().submit(op);
                });
            }
        };
    }

    private static void isTimeout(Throwable late) {
        assertThat(late)
                .isInstanceOfSatisfying(
                        DeviceException.class,
                        timeout -> assertThat(timeout.errno()).isEqualTo(Errno.ETIMEDOUT));
    }
}
