package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.PageList;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Shows why not to use {@code FileChannel} on {@code boundedElastic}: there, one subscriber that cancels interrupts its worker, and the JDK
 * then closes the channel for everybody. Here a cancel stops the signals, not the I/O, and nothing is closed.
 */
public final class CancelKeepsTheFileOpen {

    private CancelKeepsTheFileOpen() {}

    /**
     * Shows both.
     *
     * @param args not used
     * @throws Exception if the temporary file cannot be made
     */
    public static void main(String[] args) throws Exception {
        Path file = Files.write(Files.createTempFile("dmio-cancel-", ".img"), new byte[1 << 20]);
        System.out.println(
                "FileChannel after a cancel: " + (fileChannelSurvives(file) ? "open" : "closed, for everybody"));
        System.out.println("DmIo after a cancel: " + (dmIoSurvives(file).equals(ErrorBits.NONE) ? "open" : "failed"));
        Files.delete(file);
    }

    /**
     * Reads through a channel, disposes, and looks at the channel.
     *
     * @param file any of a page or more
     * @return whether the channel is still open; it is not
     * @throws IOException if it cannot be opened
     * @throws InterruptedException if this thread is interrupted
     */
    public static boolean fileChannelSurvives(Path file) throws IOException, InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (FileChannel channel = FileChannel.open(file)) {
            Disposable subscriber = Mono.fromRunnable(() -> readUntilInterrupted(channel, reading, ended))
                    .subscribeOn(Schedulers.boundedElastic())
                    .subscribe();
            reading.await();
            subscriber.dispose(); // as timeout, take and switchMap do
            ended.await();
            return channel.isOpen();
        }
    }

    private static void readUntilInterrupted(FileChannel channel, CountDownLatch reading, CountDownLatch ended) {
        ByteBuffer page = ByteBuffer.allocateDirect(4096);
        try {
            while (channel.read(page.clear(), 0) > 0) {
                reading.countDown();
            }
        } catch (ClosedByInterruptException closed) {
            // the read that met the interrupt; every other user of the channel gets ClosedChannelException from now on
        } catch (IOException unexpected) {
            throw new java.io.UncheckedIOException(unexpected);
        } finally {
            ended.countDown();
        }
    }

    /**
     * Reads through a device again and again, disposes, and reads once more.
     *
     * @param file any of a page or more
     * @return the last read's error bits; none is set
     * @throws InterruptedException if this thread is interrupted
     */
    public static ErrorBits dmIoSurvives(Path file) throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        DmIo client = DmIo.create().get(16);
        BlockDevice disk = IoEngines.best()
                .open(file, OpenOptions.readOnly())
                .blockOptional()
                .orElseThrow();
        PageList memory = PageList.allocate(1);
        try {
            Mono<ErrorBits> read = client.read(new IoRegion(disk, 0, 8), memory);
            Disposable subscriber =
                    read.repeat().doOnNext(bits -> reading.countDown()).subscribe();
            reading.await();
            subscriber.dispose();
            return read.blockOptional().orElseThrow();
        } finally {
            client.close().block(); // what was cancelled has ended by then
            memory.release();
            disk.close().block();
        }
    }
}
