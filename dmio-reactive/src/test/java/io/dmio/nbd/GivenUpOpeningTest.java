package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Whoever gives up opening an export leaves no connection behind, whatever moment that is. */
class GivenUpOpeningTest {

    private static final int ROUNDS = 300;
    private static final int NANOS_MAX = 2_000_000;
    private static final long SECONDS_MAX = 20;

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Semaphore closed = new Semaphore(0);

    @Test
    void everyConnectionThatTheServerSeesEnds() throws IOException, InterruptedException {
        Random moments = new Random(1);
        try (Loopback silent = new Loopback("silent-server")) {
            silent.accept((socket, number) -> listen(socket));
            NbdUri uri = NbdUri.tcp("127.0.0.1", silent.port(), "");
            for (int round = 0; round < ROUNDS; round++) {
                Disposable opening = NbdDevice.open(uri, NbdOptions.DEFAULT).subscribe();
                LockSupport.parkNanos(moments.nextInt(NANOS_MAX));
                opening.dispose();
            }
            assertThat(closed.tryAcquire(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
            boolean all = open.isEmpty();
            while (!all && closed.tryAcquire(SECONDS_MAX, TimeUnit.SECONDS)) { // the next one has ended
                all = open.isEmpty();
            }
            assertThat(all).as("none is open").isTrue(); // one that is accepted only now ends as the others did
        }
    }

    private void listen(Socket socket) {
        open.add(socket);
        try (socket) {
            while (socket.getInputStream().read() >= 0) {
                // it says nothing
            }
        } catch (IOException reset) {
            // it has left
        }
        open.remove(socket);
        closed.release();
    }
}
