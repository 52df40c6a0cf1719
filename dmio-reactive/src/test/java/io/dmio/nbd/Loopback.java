package io.dmio.nbd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes connections on a port of this machine, each in a thread of its own; all are gone when it is closed. */
final class Loopback implements AutoCloseable {

    private final ServerSocket listening;
    private final String name;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();

    /** What is done with a connection. */
    interface Host {
        /**
         * Receives a connection.
         *
         * @param number which, from 1 on
         */
        void receive(Socket socket, int number) throws IOException, InterruptedException;
    }

    /** What a thread does until a socket is closed. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Binds any free port; {@link #accept} comes next. */
    Loopback(String name) {
        this.name = name;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void accept(Host host) {
        daemon(() -> {
            while (true) {
                Socket socket = listening.accept();
                closeLater(socket);
                int number = accepted.incrementAndGet();
                daemon(() -> host.receive(socket, number));
            }
        });
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many connections came so far. */
    int acceptedCount() {
        return accepted.get();
    }

    /** A socket that goes with all others. */
    void closeLater(Socket socket) {
        sockets.add(socket);
    }

    /** Runs something that ends when its sockets do. */
    void daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException over) {
                        // a socket was closed, at one end or by close()
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Closes all sockets; new ones are accepted. */
    void cut() {
        try {
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        cut();
    }
}
