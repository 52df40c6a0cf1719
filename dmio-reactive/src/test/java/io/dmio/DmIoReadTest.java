package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.device.MemoryDevice;
import io.dmio.testkit.ManualDevice;
import io.dmio.testkit.Patterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Reads of one region, and what the services promise whichever way they are called. */
class DmIoReadTest {

    private final DmIo io = DmIo.create().get(64);

    @Test
    void aReadFillsTheRegionAndLeavesTheRestOfTheMemoryAlone() {
        MemoryDevice disk = MemoryDevice.of("disk", 80);
        disk.load(0, Patterns.bytes(0, 80, 1));
        byte[] memory = new byte[4096];
        Arrays.fill(memory, (byte) 0x77);

        assertThat(io.readSync(new IoRegion(disk, 10, 3), VmBuffer.of(memory))).isEqualTo(ErrorBits.NONE);

        assertThat(Arrays.copyOf(memory, 1536)).isEqualTo(Patterns.bytes(10, 3, 1));
        for (int at = 1536; at < 4096; at++) {
            assertThat(memory[at]).isEqualTo((byte) 0x77);
        }
    }

    @Test
    void aFailedPieceIsZeroedAndTheGoodPiecesKeepTheirData() {
        ManualDevice disk = new ManualDevice(DeviceInfo.of("disk", 80, "manual").withTransferBytesMax(4096));
        byte[] memory = new byte[3 * 4096];
        Arrays.fill(memory, (byte) 0x77);
        var result = io.read(new IoRegion(disk, 0, 24), VmBuffer.of(memory)).toFuture();
        disk.answer(2);
        disk.fail(1, Errno.EIO);
        disk.answer(0);

        assertThat(result.join().toLong()).isEqualTo(1);
        assertThat(memory[0]).isEqualTo((byte) 0x5A);
        assertThat(memory[4095]).isEqualTo((byte) 0x5A);
        assertThat(Arrays.copyOfRange(memory, 4096, 8192)).isEqualTo(new byte[4096]);
        assertThat(memory[8192]).isEqualTo((byte) 0x5A);
    }

    @Test
    void aRefusedReadLeavesZeroesNotStaleBytes() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        byte[] memory = new byte[8192];
        Arrays.fill(memory, (byte) 0x77);
        ErrorBits bits = io.readSync(new IoRegion(disk, 1, 8), VmBuffer.of(memory));

        assertThat(bits.cause(0).orElseThrow().errno()).isEqualTo(Errno.EIO);
        assertThat(Arrays.copyOf(memory, 4096)).isEqualTo(new byte[4096]);
        assertThat(memory[4096]).as("beyond the region").isEqualTo((byte) 0x77);
    }

    @Test
    void memoryThatIsShortOrReadOnlyIsRefusedBeforeAnyIo() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        ByteBuf readOnly = Unpooled.wrappedBuffer(new byte[4096]).asReadOnly();

        assertThatIllegalArgumentException().isThrownBy(() -> io.read(IoRegion.all(disk), VmBuffer.of(new byte[512])));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.read(new IoRegion(disk, 0, 8), VmBuffer.of(readOnly)))
                .withMessageContaining("read-only");
        assertThat(disk.ops()).isEmpty();
    }

    @Test
    void misalignedSectorsAreRefusedWithAReadableCause() {
        MemoryDevice disk = MemoryDevice.of(DeviceInfo.of("disk", 80, "memory").withBlocks(4096, 4096));

        assertThat(io.readSync(new IoRegion(disk, 3, 8), VmBuffer.of(new byte[4096]))
                        .cause(0)
                        .orElseThrow())
                .hasMessageContaining("sector 3 is not a multiple of the device's 4096-byte block");
    }

    @Test
    void aRequestIsColdAndEachSubscriptionDoesItOnceMore() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        VmBuffer memory = VmBuffer.of(new byte[512]);
        Mono<ErrorBits> write = io.write(List.of(new IoRegion(disk, 0, 1)), memory);
        assertThat(disk.ops()).isEmpty();

        var twice = write.repeat(1).collectList().toFuture();
        disk.answer(0);
        disk.answer(1);
        assertThat(twice.join()).containsExactly(ErrorBits.NONE, ErrorBits.NONE);
        assertThat(disk.ops()).hasSize(2);
    }

    @Test
    void aClosedDeviceIsItsRegionsFailure() {
        MemoryDevice closed = MemoryDevice.of("closed", 8);
        MemoryDevice open = MemoryDevice.of("open", 8);
        closed.close().block();
        ErrorBits bits = io.writeSync(List.of(IoRegion.all(closed), IoRegion.all(open)), VmBuffer.of(new byte[4096]));

        assertThat(bits.toLong()).isEqualTo(1);
        assertThat(bits.cause(0).orElseThrow().errno()).isEqualTo(Errno.ESHUTDOWN);
    }

    @Test
    void cancelAfterSubmissionKeepsPagesAndMemoryUntilTheDeviceAnswers() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        ByteBuf page = PagePool.shared().allocate(4096);
        io.write(List.of(new IoRegion(disk, 0, 8)), VmBuffer.of(page))
                .subscribe()
                .dispose();

        assertThat(io.budget().inUse()).isEqualTo(1);
        page.release();
        assertThat(page.refCnt()).as("the kernel still reads it").isPositive();
        assertThat(disk.detached()).as("the device was not told").isZero();
        disk.answer(0);
        assertThat(page.refCnt()).isZero();
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void anErrorNobodyListensToAnyMoreIsSwallowed() {
        ManualDevice disk = ManualDevice.of("disk", 80);
        io.write(List.of(new IoRegion(disk, 0, 1)), VmBuffer.of(new byte[512]))
                .subscribe()
                .dispose();
        disk.fail(0, Errno.EIO);

        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void anInterruptEndsTheWaitingAndNothingElse() throws InterruptedException {
        ManualDevice disk = ManualDevice.of("disk", 80);
        ByteBuf page = PagePool.shared().allocate(4096);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            Thread.currentThread().interrupt(); // block() finds it as soon as it waits
            try {
                io.readSync(new IoRegion(disk, 0, 8), VmBuffer.of(page));
            } catch (RuntimeException e) {
                thrown.set(e);
            }
        });
        waiter.start();
        waiter.join();

        assertThat(thrown.get()).hasCauseInstanceOf(InterruptedException.class);
        assertThat(io.budget().inUse()).as("the request lives on").isEqualTo(1);
        disk.answer(0);
        assertThat(page.getByte(0)).as("the device filled it all the same").isEqualTo((byte) 0x5A);
        assertThat(io.budget().inUse()).isZero();
        page.release();
    }

    @Test
    void theSubscribersContextReachesTheDevice() {
        AtomicReference<String> seen = new AtomicReference<>();
        MemoryDevice memory = MemoryDevice.of("disk", 8);
        BlockDevice looking = new BlockDevice() {
            @Override
            public DeviceInfo info() {
                return memory.info();
            }

            @Override
            public Mono<Void> submit(BlockOp op) {
                return Mono.deferContextual(context -> {
                    seen.set(context.get("who"));
                    return memory.submit(op);
                });
            }

            @Override
            public Mono<Void> close() {
                return memory.close();
            }
        };
        io.write(List.of(IoRegion.all(looking)), VmBuffer.of(new byte[4096]))
                .contextWrite(context -> context.put("who", "me"))
                .block();

        assertThat(seen.get()).isEqualTo("me");
    }

    @Test
    void memoryReleasedTooEarlyIsAnErrorNotACrash() {
        MemoryDevice disk = MemoryDevice.of("disk", 8);
        VmBuffer memory = VmBuffer.allocate(4096);
        memory.release();

        assertThatExceptionOfType(IllegalReferenceCountException.class)
                .isThrownBy(() -> io.writeSync(List.of(IoRegion.all(disk)), memory));
        assertThat(io.budget().inUse()).isZero();
    }

    @Test
    void ofARequestWhoseMemoryWasReleasedNothingIsDoneAlsoWhereItIsNotItsFirstStep() {
        ManualDevice disk =
                new ManualDevice(DeviceInfo.of("disk", 4096, "manual").withCapabilities(List.of(Capability.FLUSH)));
        PageList pages = PageList.allocate(2);
        pages.pages().get(1).release();
        List<IoRegion> region = List.of(new IoRegion(disk, 0, 16));
        DmIo spans = DmIo.create().get(1);
        for (Mono<ErrorBits> write :
                List.of(io.write(region, pages, WriteOptions.NONE.withPreflush()), spans.write(region, pages))) {
            assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(write::block);
        }
        assertThat(disk.ops()).isEmpty();
        pages.pages().get(0).release();
    }
}
