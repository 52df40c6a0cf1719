package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.device.MemoryDevice;
import io.dmio.harness.ChildJvm;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM waits for threads in native code when it ends: those of clients are not among them once the last client is closed. */
class ClientThreadsTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void noThreadOfAClientIsLeftWhenTheLastIsClosed() throws Exception {
        assertThat(ChildJvm.said(ChildJvm.command(
                        Program.class, directory.resolve("socket").toString())))
                .contains("there while one is open, twice");
    }

    /** In a process of its own, as other tests have clients, too. */
    public static final class Program {
        private static final Duration PATIENCE = Duration.ofSeconds(10);

        private Program() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] args) throws InterruptedException {
            MemoryDevice disk = MemoryDevice.of("disk", 1024);
            NbdServer server = NbdServer.builder()
                    .bind(Path.of(args[0]))
                    .export(NbdExport.of("disk", disk))
                    .start()
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            String uri = "nbd+unix:///disk?socket=" + args[0];
            for (int round = 0; round < 2; round++) {
                BlockDevice one = opened(uri);
                BlockDevice other = opened(uri);
                one.close().block(PATIENCE);
                ByteBuf memory = PagePool.shared().allocate(4096);
                other.submit(new BlockOp.Read(0, memory)).block(PATIENCE); // so its loop is still there
                memory.release();
                List<Thread> threads = clients();
                require(!threads.isEmpty(), "no thread of a client has the name that is looked for");
                other.close().block(PATIENCE);
                for (Thread thread : threads) {
                    thread.join(PATIENCE.toMillis());
                }
                require(clients().isEmpty(), "left: " + clients());
            }
            server.close().block(PATIENCE);
            System.out.println("there while one is open, twice");
        }

        private static BlockDevice opened(String uri) {
            return NbdDevice.open(uri).blockOptional(PATIENCE).orElseThrow();
        }

        private static List<Thread> clients() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("dmio-nbd-client"))
                    .toList();
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new IllegalStateException(what);
            }
        }
    }
}
