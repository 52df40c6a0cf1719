package io.dmio.nbd;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A long way to a server on this machine: bytes of either direction arrive some time after they were sent, all that were. */
final class SlowLink implements AutoCloseable {

    private static final int PIECE_BYTES = 64 << 10;

    private final Loopback loopback = new Loopback("slow-link");
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile long nanos; // of each direction
    private volatile int heldUpTo; // connections by number
    private volatile int refusedUpTo;

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Piece(long due, byte[] bytes) {}

    /** Opens the way, which is short at first. */
    SlowLink(InetSocketAddress server) {
        loopback.accept((client, number) -> {
            if (number <= refusedUpTo) {
                client.close();
                return;
            }
            Socket behind = new Socket(server.getAddress(), server.getPort());
            loopback.closeLater(behind);
            carry(client, behind, number);
            carry(behind, client, Integer.MAX_VALUE);
        });
    }

    /** How long what is sent from now on takes, in either direction. */
    void delay(long millis) {
        nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    int port() {
        return loopback.port();
    }

    /** How many connections came so far. */
    int acceptedCount() {
        return loopback.acceptedCount();
    }

    /** Keeps what clients send on the connections that there are. */
    void hold() {
        heldUpTo = loopback.acceptedCount();
    }

    /** Lets go what was kept. */
    void release() {
        release.countDown();
    }

    /** Breaks all connections; new ones may be made. */
    void cut() {
        loopback.cut();
    }

    /** Breaks all connections, and the first one that is made anew. */
    void cutAndRefuseOne() {
        refusedUpTo = loopback.acceptedCount() + 1;
        loopback.cut();
    }

    @Override
    public void close() {
        loopback.close();
    }

    private void carry(Socket from, Socket to, int number) {
        BlockingQueue<Piece> way = new LinkedBlockingQueue<>();
        loopback.daemon(() -> {
            byte[] bytes = new byte[PIECE_BYTES];
            InputStream in = from.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                way.add(new Piece(System.nanoTime() + nanos, Arrays.copyOf(bytes, count)));
            }
            way.add(new Piece(System.nanoTime() + nanos, new byte[0])); // the end takes as long
        });
        loopback.daemon(() -> {
            OutputStream out = to.getOutputStream();
            for (Piece piece = way.take(); piece.bytes.length > 0; piece = way.take()) {
                TimeUnit.NANOSECONDS.sleep(piece.due - System.nanoTime()); // none if it is due
                if (number <= heldUpTo) {
                    release.await();
                }
                out.write(piece.bytes);
            }
            to.shutdownOutput();
        });
    }
}
