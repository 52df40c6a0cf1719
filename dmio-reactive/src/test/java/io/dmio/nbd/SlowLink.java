package io.dmio.nbd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A long way to a server on this machine: bytes of either direction arrive some time after they were sent, all that were. */
final class SlowLink implements AutoCloseable {

    private static final int PIECE_BYTES = 64 << 10;

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private volatile long nanos; // of each direction
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Piece(long due, byte[] bytes) {}

    /** Opens the way, which is short at first. */
    SlowLink(InetSocketAddress server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        daemon(this::accept);
    }

    /** How long what is sent from now on takes, in either direction. */
    void delay(long millis) {
        nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Socket behind = new Socket(server.getAddress(), server.getPort());
            sockets.add(client);
            sockets.add(behind);
            carry(client, behind);
            carry(behind, client);
        }
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Piece> way = new LinkedBlockingQueue<>();
        daemon(() -> {
            byte[] bytes = new byte[PIECE_BYTES];
            InputStream in = from.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                way.add(new Piece(System.nanoTime() + nanos, Arrays.copyOf(bytes, count)));
            }
            way.add(new Piece(System.nanoTime() + nanos, new byte[0])); // the end takes as long
        });
        daemon(() -> {
            OutputStream out = to.getOutputStream();
            for (Piece piece = way.take(); piece.bytes.length > 0; piece = way.take()) {
                TimeUnit.NANOSECONDS.sleep(piece.due - System.nanoTime()); // none if it is due
                out.write(piece.bytes);
            }
            to.shutdownOutput();
        });
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException over) {
                        // a socket was closed, at one end or by close()
                    }
                },
                "slow-link");
        thread.setDaemon(true);
        thread.start();
    }
}
