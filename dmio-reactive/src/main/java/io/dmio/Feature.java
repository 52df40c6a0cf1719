package io.dmio;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A part of the library that needs jars which a program may not have. A feature is checked before any work begins: a class that
 * is found missing on the way is an error that Reactor and Netty throw instead of signalling it, and the subscriber would wait
 * for ever. As a {@link Reason}, a feature says why something was refused with {@link Errno#ENOPKG}. Each check looks at the
 * class path or module path again. May be used from any thread.
 */
public enum Feature implements Reason {

    /** What every use needs: the client, devices, the types of Reactor and Netty. This library brings it. */
    CORE(
            "dmio",
            "add io.projectreactor:reactor-core 3.7 or newer and io.netty:netty-buffer 4.1 or newer, which"
                    + " io.dmio:dmio-reactive brings; where something else asks for an older one, import io.projectreactor:reactor-bom"),

    /** Access to files and disks by system calls: the {@code posix} and {@code uring} engines. This library brings what that needs. */
    SYSTEM_CALLS(
            "making system calls",
            "add com.github.jnr:jnr-posix, which io.dmio:dmio-reactive brings and which brings all that is needed"),

    /** The {@code uring} engine. */
    IO_URING(
            "io_uring",
            "add io.dmio:dmio-uring, or io.netty:netty-transport-native-io_uring 4.2 with the classifier linux-x86_64 or"
                    + " linux-aarch_64; either brings the rest"),

    /** NBD, client and server, with TLS or without. */
    NBD("NBD", "add io.dmio:dmio-nbd, or io.netty:netty-handler 4.2; either brings all that is needed");

    private final String words;
    private final String remedy;

    Feature(String words, String remedy) {
        this.words = words;
        this.remedy = remedy;
    }

    /** Returns the jars of the feature, each after those that it needs. */
    private Stream<Jar> jars() {
        return switch (this) {
            case CORE ->
                Stream.of(
                        Jar.of("org.reactivestreams:reactive-streams", "org.reactivestreams.Publisher"),
                        Jar.of(
                                "io.projectreactor:reactor-core",
                                "reactor.core.publisher.Mono",
                                "reactor.core.Exceptions#isJvmFatal",
                                "reactor.core.publisher.MonoSink#contextView"),
                        Jar.of("io.netty:netty-common", "io.netty.util.ReferenceCounted"),
                        Jar.of("io.netty:netty-buffer", "io.netty.buffer.ByteBuf"),
                        Jar.of("org.slf4j:slf4j-api", "org.slf4j.Logger"));
            case SYSTEM_CALLS ->
                Stream.of(
                        Jar.of("com.github.jnr:jnr-constants", "jnr.constants.Constant"),
                        Jar.of("com.github.jnr:jffi", "com.kenai.jffi.Foreign"),
                        Jar.of("org.ow2.asm:asm", "org.objectweb.asm.ClassWriter"),
                        Jar.of("com.github.jnr:jnr-ffi", "jnr.ffi.LibraryLoader"),
                        Jar.of("com.github.jnr:jnr-posix", "jnr.posix.POSIXFactory"));
            case IO_URING ->
                Stream.of(
                        Jar.of("io.netty:netty-transport", EVENT_LOOPS, "io.netty.channel.IoEventLoopGroup"),
                        Jar.of("io.netty:netty-transport-native-unix-common", "io.netty.channel.unix.FileDescriptor"),
                        Jar.of("io.netty:netty-transport-classes-io_uring", "io.netty.channel.uring.IoUring"));
            case NBD ->
                Stream.of(
                        Jar.of(
                                "io.netty:netty-transport",
                                EVENT_LOOPS,
                                "io.netty.channel.nio.NioIoHandler",
                                "io.netty.channel.socket.nio.NioServerDomainSocketChannel"),
                        Jar.of("io.netty:netty-resolver", "io.netty.resolver.AddressResolverGroup"),
                        Jar.of("io.netty:netty-codec-base", "io.netty.handler.codec.ByteToMessageDecoder"),
                        Jar.of("io.netty:netty-handler", "io.netty.handler.ssl.SslHandler"));
        };
    }

    private static final String EVENT_LOOPS = "io.netty.channel.EventLoopGroup";

    /** A jar, a class that each version of it has, and classes and methods ({@code class#method}) that the needed version has, too. */
    private record Jar(String artifact, String always, List<String> since) {

        static Jar of(String artifact, String always, String... since) {
            return new Jar(artifact, always, List.of(since));
        }

        Optional<String> lack() {
            Optional<String> absent = missing(always).map(why -> artifact + ", which is not there (" + why + ")");
            if (absent.isPresent()) {
                return absent;
            }
            for (String name : since) {
                Optional<String> old = missing(name);
                if (old.isPresent()) {
                    return Optional.of("a newer " + artifact + " than is there (" + old.get() + ")");
                }
            }
            return Optional.empty();
        }

        private static Optional<String> missing(String name) {
            String[] parts = name.split("#", -1); // a class, and perhaps a method of it
            try {
                Class<?> type = Class.forName(parts[0], false, Feature.class.getClassLoader());
                boolean isThere = parts.length == 1
                        || Stream.of(type.getMethods())
                                .anyMatch(method -> method.getName().equals(parts[1]));
                return isThere ? Optional.empty() : Optional.of("no method " + parts[1] + " of " + parts[0]);
            } catch (ClassNotFoundException absent) {
                return Optional.of("no class " + parts[0]);
            } catch (LinkageError broken) {
                return Optional.of(name + ": " + broken);
            }
        }
    }

    /**
     * Returns what is missing, including what {@link #CORE} needs.
     *
     * @return which jar, for people, the first if there are several; empty if nothing is missing
     */
    public Optional<String> lack() {
        return jars().flatMap(jar -> jar.lack().stream())
                .findFirst()
                .map(jar -> words + " needs " + jar)
                .or(() -> this == CORE ? Optional.empty() : CORE.lack());
    }

    /** Returns which jar to add. */
    @Override
    public String remedy() {
        return remedy;
    }

    /**
     * Checks that nothing is missing, for a device that does not work without this feature.
     *
     * @param device the device's name
     * @throws DeviceException ENOPKG, with the jar's name and this feature as its {@link DeviceException#reason()}
     * @throws UnsupportedOperationException if {@link #CORE} is missing
     */
    public void require(String device) {
        Objects.requireNonNull(device, "device");
        CORE.require();
        lack().ifPresent(lack -> {
            throw DeviceException.of(Errno.ENOPKG, device, lack, this);
        });
    }

    /**
     * Checks that nothing is missing.
     *
     * @throws UnsupportedOperationException that names the jar, if something is
     */
    public void require() {
        if (this != CORE) {
            CORE.require();
        }
        lack().ifPresent(lack -> {
            throw new UnsupportedOperationException(lack + ": " + remedy);
        });
    }
}
