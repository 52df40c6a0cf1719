package io.dmio.app.serve;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The service manager that started the process and waits to be told its state: systemd, for a unit of {@code Type=notify}, and others that
 * use its protocol. It is told by datagrams to a unix socket, which the JDK cannot send.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
final class ServiceManager {

    private static final String SOCKET = "NOTIFY_SOCKET";
    private static final String WATCHDOG = "WATCHDOG_USEC";
    private static final String WATCHED = "WATCHDOG_PID";
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int ADDRESS_BYTES_MAX = 108; // sun_path

    private final byte[] address;

    private ServiceManager(byte[] address) {
        this.address = address;
    }

    /**
     * Returns the service manager that the environment names, if it names one.
     *
     * @param environment of the process
     */
    static Optional<ServiceManager> of(Map<String, String> environment) {
        String socket = environment.getOrDefault(SOCKET, "");
        if (socket.isEmpty()) {
            return Optional.empty();
        }
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if ((path[0] != '/' && path[0] != '@') || path.length >= ADDRESS_BYTES_MAX) {
            throw new IllegalArgumentException(SOCKET + "=" + socket + ": is no address of a unix socket");
        }
        path[0] = path[0] == '@' ? 0 : path[0]; // an abstract socket
        byte[] family = {(byte) AF_UNIX, 0};
        byte[] address = Arrays.copyOf(family, family.length + path.length);
        System.arraycopy(path, 0, address, family.length, path.length);
        return Optional.of(new ServiceManager(address));
    }

    /** Tells that clients may come. */
    void ready(String status) {
        tell("READY=1\nSTATUS=" + status);
    }

    /** Tells that the configuration is being read again; {@link #ready} says that this is done. */
    void reloading() {
        // System.nanoTime is CLOCK_MONOTONIC on Linux, with which systemd compares it.
        tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** Tells that the process is alive, and its state; to be called more often than {@link #patience}. */
    void alive(String status) {
        tell("WATCHDOG=1\nSTATUS=" + status.replace('\n', ' '));
    }

    /**
     * Returns how long the manager waits for a sign before it takes the process for dead and restarts it; empty if it does not.
     *
     * @param environment of the process
     * @param process its number: what a parent was told is not meant for its children
     */
    static Optional<Duration> patience(Map<String, String> environment, long process) {
        String told = environment.getOrDefault(WATCHDOG, "");
        String whom = environment.getOrDefault(WATCHED, "");
        boolean meant = whom.isEmpty() || whom.equals(String.valueOf(process));
        return meant && told.matches("[1-9][0-9]{0,17}")
                ? Optional.of(Duration.of(Long.parseLong(told), ChronoUnit.MICROS))
                : Optional.empty();
    }

    /** Tells that the end has begun. */
    void stopping() {
        tell("STOPPING=1");
    }

    private void tell(String news) {
        CLibrary calls = CLibrary.Stub.CALLS;
        int socket = calls.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
        byte[] datagram = news.getBytes(StandardCharsets.UTF_8);
        long sent = calls.sendto(socket, datagram, datagram.length, 0, address, address.length);
        calls.close(socket);
        if (sent != datagram.length) {
            throw new IllegalArgumentException(SOCKET + ": nobody listens there");
        }
    }
}
