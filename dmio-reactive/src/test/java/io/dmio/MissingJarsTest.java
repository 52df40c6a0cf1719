package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.harness.Without;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a program did not bring: each use of the library works without it, or says at once what is missing. */
class MissingJarsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<Class<? extends Use>> USES =
            List.of(Posix.class, Uring.class, Best.class, Jdk.class, Metered.class, NbdClient.class, Nbd.class);

    /** A jar, and what is not to be had without it. */
    enum Jar {
        NETTY_TRANSPORT("io.netty:netty-transport", "/netty-transport-4", "Nbd", "NbdClient", "Uring"),
        NETTY_RESOLVER("io.netty:netty-resolver", "/netty-resolver-4", "Nbd", "NbdClient"),
        NETTY_CODEC_BASE("io.netty:netty-codec-base", "/netty-codec-base", "Nbd", "NbdClient"),
        NETTY_HANDLER("io.netty:netty-handler", "/netty-handler-4", "Nbd", "NbdClient"),
        NETTY_UNIX_COMMON(
                "io.netty:netty-transport-native-unix-common", "/netty-transport-native-unix-common", "Uring"),
        NETTY_IO_URING("io.netty:netty-transport-classes-io_uring", "/netty-transport-classes-io_uring", "Uring"),
        NETTY_IO_URING_NATIVE("io.netty:netty-transport-native-io_uring", "/netty-transport-native-io_uring", "Uring"),
        JNR_POSIX("com.github.jnr:jnr-posix", "/jnr-posix", "Posix", "Uring"),
        JNR_FFI("com.github.jnr:jnr-ffi", "/jnr-ffi", "Posix", "Uring"),
        JNR_CONSTANTS("com.github.jnr:jnr-constants", "/jnr-constants", "Posix", "Uring"),
        JFFI("com.github.jnr:jffi", "/jffi-1.4.3.jar", "Posix", "Uring"),
        ASM("org.ow2.asm:asm", "/asm-9", "Posix", "Uring"),
        MICROMETER("io.micrometer:micrometer-core", "micrometer");

        private final String name;
        private final String path;
        private final String needed; // names of uses

        Jar(String name, String path, String... needed) {
            this.name = name;
            this.path = path;
            this.needed = String.join(" ", needed);
        }

        Without hidden() {
            return Without.jars(entry -> entry.contains(path));
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachUseWorksWithoutAJarOrNamesIt(Jar jar) throws Exception {
        List<String> said = jar.hidden().call(USES);
        for (int i = 0; i < USES.size(); i++) {
            Class<?> use = USES.get(i);
            if (List.of(jar.needed.split(" ")).contains(use.getSimpleName())) {
                assertThat(said.get(i)).as("%s", use).doesNotContain("works").contains(jar.name);
            } else if (!use.equals(Uring.class)) { // which the machine need not have
                assertThat(said.get(i)).as("%s", use).contains("works");
            }
        }
    }

    /** What every use needs: engines name the jar, and where the JVM itself comes first, it names the class. */
    @ParameterizedTest
    @CsvSource({
        "org.reactivestreams:reactive-streams, /reactive-streams-, org/reactivestreams/",
        "io.projectreactor:reactor-core, /reactor-core-, reactor/core/",
        "io.netty:netty-common, /netty-common-4, io/netty/util/",
        "io.netty:netty-buffer, /netty-buffer-4, io/netty/buffer/",
    })
    void aJarThatEveryUseNeedsIsNamedByEachUse(String jar, String path, String classes) throws Exception {
        for (String said : Without.jars(entry -> entry.contains(path)).call(USES)) {
            assertThat(said)
                    .doesNotContain("works")
                    .matches(".*(dmio needs " + jar + ",|NoClassDefFoundError: " + classes + ").*");
        }
    }

    /** As where something else on the class path asks for an older Reactor. */
    @ParameterizedTest
    @CsvSource({"reactor.core.Exceptions, isJvmFatal", "reactor.core.publisher.MonoSink, contextView"})
    void aReactorThatIsTooOldIsNamedByEachUse(String type, String method, @TempDir Path directory) throws Exception {
        for (String said : Without.method(type, method, directory).call(USES)) {
            assertThat(said).contains("needs a newer io.projectreactor:reactor-core than is there", method);
        }
    }

    @Test
    void aProgramThatUsesAnEngineCompilesWithoutOptionalJars(@TempDir Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("Program.java"), """
                import io.dmio.*;
                import io.dmio.engine.*;
                import java.nio.file.Path;
                import reactor.core.publisher.Mono;
                class Program implements IoEngine {
                    public String name() { return "mine"; }
                    public Mono<BlockDevice> open(Path path, OpenOptions options) { return IoEngines.best().open(path, options); }
                    public Mono<Void> close() { return Mono.empty(); }
                    Mono<ErrorBits> run(DmIo io, IoMemory memory) {
                        return DeviceScope.of(java.util.List.of(open(Path.of("x"), OpenOptions.readOnly())))
                                .mono(open -> io.read(IoRegion.all(open.get(0)), memory));
                    }
                }
                """);
        String needed = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry ->
                        !entry.matches(".*/(netty-(transport|handler|codec|resolver)|jnr|jffi|asm|micrometer).*"))
                .collect(Collectors.joining(File.pathSeparator));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, said, said, "-proc:none", "-cp", needed, "-d", directory.toString(), source.toString());
        assertThat(result).as("%s", said).isZero();
    }

    /** What says by name what it needs. */
    public abstract static class Use implements Callable<String> {

        abstract void use() throws Exception;

        @Override
        public String call() throws Exception {
            try {
                use();
                return "works";
            } catch (DeviceException refusal) {
                return refusal.errno() == Errno.ENXIO ? "works" : refusal.getMessage();
            } catch (UnsupportedOperationException refusal) {
                return "" + refusal.getMessage();
            } catch (NoClassDefFoundError absent) {
                return absent.toString();
            }
        }

        static void writeAndRead(BlockDevice device) {
            VmBuffer memory = VmBuffer.allocate(4096);
            memory.buffer().setZero(0, 4096).setByte(4095, 7);
            DmIo io = DmIo.create().get(4);
            IoRegion region = new IoRegion(device, 0, 8);
            assertThat(io.writeSync(List.of(region), memory)).isEqualTo(ErrorBits.NONE);
            memory.buffer().setZero(0, 4096);
            assertThat(io.readSync(region, memory)).isEqualTo(ErrorBits.NONE);
            assertThat(memory.buffer().getByte(4095)).isEqualTo((byte) 7);
            memory.release();
            device.close().block(PATIENCE);
        }

        static void file(IoEngine engine) throws Exception {
            Path directory = Files.createTempDirectory("dmio-jars");
            Path file = directory.resolve("file");
            try {
                writeAndRead(engine.open(file, OpenOptions.readWrite().withCreate(4096))
                        .blockOptional(PATIENCE)
                        .orElseThrow());
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        }
    }

    /** Files by the posix engine. */
    public static final class Posix extends Use {
        @Override
        void use() throws Exception {
            file(IoEngines.posix());
        }
    }

    /** Files by the ring. */
    public static final class Uring extends Use {
        @Override
        void use() throws Exception {
            file(IoEngines.uring());
        }
    }

    /** Files by what there is. */
    public static final class Best extends Use {
        @Override
        void use() throws Exception {
            file(IoEngines.best());
        }
    }

    /** Files by the JDK. */
    public static final class Jdk extends Use {
        @Override
        void use() throws Exception {
            file(IoEngines.jdk());
        }
    }

    /** A device in memory, metered. */
    public static final class Metered extends Use {
        @Override
        void use() {
            writeAndRead(MeteredDevice.of(MemoryDevice.of("disk", 8), DeviceMeter.none()));
        }
    }

    /** A client whose server is not there. */
    public static final class NbdClient extends Use {
        @Override
        void use() {
            NbdDevice.open("nbd+unix:///?socket=/nowhere/at/all").block(PATIENCE);
        }
    }

    /** A server, and a client of it. */
    public static final class Nbd extends Use {
        @Override
        void use() {
            MemoryDevice disk = MemoryDevice.of("disk", 64);
            NbdServer server = NbdServer.builder()
                    .bind("127.0.0.1", 0)
                    .export(NbdExport.of("disk", disk))
                    .start()
                    .blockOptional(PATIENCE)
                    .orElseThrow();
            writeAndRead(NbdDevice.open(server.uri("disk").toString())
                    .blockOptional(PATIENCE)
                    .orElseThrow());
            server.close().block(PATIENCE);
        }
    }
}
