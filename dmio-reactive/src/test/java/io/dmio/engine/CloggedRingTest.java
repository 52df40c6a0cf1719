package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.testkit.DeviceFixture;
import io.netty.buffer.ByteBuf;
import io.netty.channel.uring.IoUringIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What the kernel does not come to is taken back from the ring. A read of an empty pipe stands for it: it waits for ever. */
class CloggedRingTest extends DeviceFixture {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void anOperationIsLateOnceAndASlotThatIsTakenAgainBeginsAnew() {
        RingWatch watch = new RingWatch(2);
        short slot = 1;
        watch.entered(slot, 42);
        assertThat(watch.id(slot)).isEqualTo(42);
        assertThat(List.of(watch.isLate(slot), watch.isLate(slot), watch.isLate(slot)))
                .containsExactly(false, true, false);
        watch.entered(slot, 43);
        assertThat(List.of(watch.isLate(slot), watch.isLate(slot))).containsExactly(false, true);
    }

    @Test
    void whatTheKernelDoesNotComeToIsDoneByThreadsAndOtherFilesStayOnTheRing() throws Exception {
        UringHere.shared();
        DeviceThreads threads = new DeviceThreads("clogged", 2);
        BlockingQueue<Long> deadlines = WatchedSleep.deadlines();
        EngineLoops loops =
                new EngineLoops(1, new NamedThreads("ring"), WatchedSleep.of(IoUringIoHandler.newFactory(), deadlines));
        try {
            UringLoop loop = new UringLoop(loops.next(), 16, RingWatch::tell);
            loop.register();
            FileDevice pipe = new FileDevice(pipe(threads), loop);
            FileDevice file = new FileDevice(file(threads), loop);
            ByteBuf memory = filled(512, 1);

            assertThat(threadOf(file.submit(new BlockOp.Write(0, memory, false))))
                    .doesNotStartWith("clogged");
            StepVerifier.create(pipe.submit(new BlockOp.Read(0, memory(512))))
                    .expectErrorSatisfies(error -> assertThat(((DeviceException) error).errno())
                            .as("what a thread is told, and the ring was not")
                            .isEqualTo(Errno.ESPIPE))
                    .verify(PATIENCE);
            assertThat(threadOf(pipe.submit(new BlockOp.Read(0, memory(512)))))
                    .as("what follows does not wait for a second again")
                    .startsWith("clogged");
            assertThat(threadOf(file.submit(new BlockOp.Write(0, memory, false))))
                    .doesNotStartWith("clogged");
            assertThat(all(read(file, 0, 512))).isEqualTo(all(memory));

            pipe.close().block(PATIENCE);
            file.close().block(PATIENCE);
            assertThat(deadlines).as("of the loop's sleeps, -1 for none").containsOnly(-1L);
        } finally {
            loops.end();
            loops.terminationFuture().sync();
            threads.end();
        }
    }

    private static String threadOf(Mono<Void> operation) {
        List<String> names = new CopyOnWriteArrayList<>();
        operation
                .doOnTerminate(() -> names.add(Thread.currentThread().getName()))
                .onErrorComplete()
                .block(PATIENCE);
        return names.get(0);
    }

    private OpenFile file(DeviceThreads threads) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[512]);
        FileOpener opener = new FileOpener(path, OpenOptions.readWrite());
        return opener.open(opener.look(), "test", threads.of("file"));
    }

    private OpenFile pipe(DeviceThreads threads) throws Exception {
        Path path = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        ByteBuf bytes = PathBytes.of(path);
        int fd = (int) LibC.open(Addresses.of(bytes), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
        bytes.release();
        return new DescriptorFile(
                fd, DeviceInfo.of("pipe", 8, "test"), new FileQuirks(false, false, 1), threads.of("pipe"));
    }
}
