package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.PagePool;
import io.dmio.harness.ChildJvm;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shared engines can be closed at the end of a program, and be had again. */
class SharedEnginesTest {

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"uring", "posix", "jdk"})
    void areClosedWithTheirDevicesAndThreadsAndMadeAnewWhenTheyAreAskedFor(String name) throws Exception {
        if (name.equals("uring")) {
            UringHere.shared();
        }
        assertThat(ChildJvm.said(ChildJvm.command(
                        Program.class, directory.resolve("file").toString(), name)))
                .contains("closed and had again");
    }

    /** In a process of its own, as other tests share these engines. */
    public static final class Program {
        private static final Duration PATIENCE = Duration.ofSeconds(10);

        private Program() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] args) throws InterruptedException {
            Path file = Path.of(args[0]);
            IoEngines.closeShared().block(PATIENCE); // none is there
            IoEngine first = engine(args[1]);
            require(engine(args[1]) == first, "two are shared");
            first.close().block(PATIENCE); // does nothing
            BlockDevice device = first.open(file, OpenOptions.readWrite().withCreate(1 << 20))
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            read(device);
            List<Thread> threads = threads(args[1]);
            require(!threads.isEmpty(), "no thread has the name that is looked for");

            IoEngines.closeShared().block(PATIENCE);

            for (Thread thread : threads) {
                thread.join(PATIENCE.toMillis());
            }
            require(threads(args[1]).isEmpty(), "left: " + threads(args[1]));
            requireClosed(() -> read(device));
            requireClosed(() -> first.open(file, OpenOptions.readWrite()).block(PATIENCE));
            IoEngine next = engine(args[1]);
            require(next != first, "the old one came back");
            BlockDevice again = next.open(file, OpenOptions.readWrite())
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            read(again);
            again.close().block(PATIENCE);
            IoEngines.closeShared().then(IoEngines.closeShared()).block(PATIENCE);
            System.out.println("closed and had again");
        }

        private static IoEngine engine(String name) {
            return switch (name) {
                case "uring" -> IoEngines.uring();
                case "posix" -> IoEngines.posix();
                default -> IoEngines.jdk();
            };
        }

        private static void read(BlockDevice device) {
            ByteBuf memory = PagePool.shared().allocate(4096);
            try {
                device.submit(new BlockOp.Read(0, memory)).block(PATIENCE);
            } finally {
                memory.release();
            }
        }

        private static List<Thread> threads(String engine) {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("dmio-" + engine))
                    .toList();
        }

        private static void requireClosed(Runnable use) {
            try {
                use.run();
            } catch (DeviceException refused) {
                require(refused.errno() == Errno.ESHUTDOWN, "refused by " + refused);
                return;
            }
            throw new IllegalStateException("a closed engine took it");
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new IllegalStateException(what);
            }
        }
    }
}
