package io.dmio.harness;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceBytes;
import io.dmio.DeviceException;
import io.dmio.DeviceFallback;
import io.dmio.DeviceScope;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.Feature;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.Replicas;
import io.dmio.StreamOptions;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.dmio.copy.CopyOptions;
import io.dmio.copy.CopyService;
import io.dmio.copy.Throttle;
import io.dmio.device.DeadlineDevice;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.engine.UringOptions;
import io.dmio.metrics.DeviceMeter;
import io.dmio.metrics.MeteredDevice;
import io.dmio.metrics.MicrometerMeter;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import io.dmio.nbd.BlockStatus;
import io.dmio.nbd.NbdDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdOptions;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdUri;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContextBuilder;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.retry.Retry;

/** One of everything that the API's methods take, and are called on; what is open is closed with it. */
public final class ApiSamples implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Object> samples = new ArrayList<>();
    private final NbdServer server;
    private final NbdDevice client;
    private final MirrorDevice mirror;
    private final IoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** Opens what has to be. */
    public ApiSamples() throws Exception {
        MemoryDevice disk = MemoryDevice.of("disk", 4096);
        IoRegion region = new IoRegion(disk, 0, 1);
        DmIo io = DmIo.create().get(8);
        VmBuffer memory = VmBuffer.of(new byte[4096]);
        NbdServer.Builder builder = NbdServer.builder().bind("127.0.0.1", 0).export(NbdExport.of("disk", disk));
        server = builder.start().blockOptional(PATIENCE).orElseThrow();
        client = NbdDevice.open(server.uri("disk").toString())
                .blockOptional(PATIENCE)
                .orElseThrow();
        List<BlockDevice> legs = List.of(MemoryDevice.of("a", 8192), MemoryDevice.of("b", 8192));
        mirror = MirrorDevice.create(legs, MirrorOptions.defaults())
                .blockOptional(PATIENCE)
                .orElseThrow();
        samples.addAll(List.of(
                1, 1L, 0.5, true, "word", disk, region, io, memory, builder, server, client, client.padded(), mirror));
        addTheRoots(disk, region, io);
        addDevicesAndEngines(disk);
        addServices(disk, region);
        addOthers();
    }

    private void addTheRoots(MemoryDevice disk, IoRegion region, DmIo io) {
        samples.addAll(List.of(
                new BlockOp.Flush(),
                new BlockOp.Read(0, Unpooled.buffer(512, 512)),
                Errno.EIO,
                Feature.NBD,
                disk.info(),
                DeviceException.of(Errno.EIO, "disk", "sample"),
                ErrorBits.ofBits(1),
                io.budget(),
                WriteOptions.NONE,
                StreamOptions.NONE));
        samples.addAll(List.of(
                IoRequest.flush(List.of(region)),
                DeviceFallback.of(disk),
                DeviceScope.of(List.of(Mono.just(disk))),
                Replicas.of(io, List.of(region)),
                DeviceBytes.of(io, region)));
    }

    private void addDevicesAndEngines(MemoryDevice disk) {
        samples.addAll(List.of(
                DeadlineDevice.of(disk, PATIENCE),
                Fault.errno(Errno.EIO),
                FaultyDevice.of(disk),
                FaultPlan.of(Fault.errno(Errno.EIO)),
                IoEngines.jdk(),
                OpenOptions.readOnly(),
                UringOptions.defaults(),
                DeviceMeter.none(),
                MeteredDevice.of(disk, DeviceMeter.none())));
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        samples.addAll(List.of(registry, MicrometerMeter.of(registry, disk.info())));
    }

    private void addServices(MemoryDevice disk, IoRegion region) throws Exception {
        CopyService copies = CopyService.create();
        samples.addAll(List.of(
                copies,
                CopyService.builder(),
                copies.copy(region, List.of(new IoRegion(disk, 8, 1)), CopyOptions.NONE),
                CopyOptions.NONE,
                Throttle.unlimited()));
        samples.addAll(List.of(
                MirrorOptions.defaults(),
                MirrorOptions.builder(),
                OwnerOptions.defaults(),
                NbdOptions.DEFAULT,
                NbdUri.parse("nbd://host"),
                NbdExport.of("disk", disk),
                (BlockStatus) (sector, count) -> Mono.empty(),
                SslContextBuilder.forClient().build(),
                loops));
    }

    private void addOthers() {
        samples.addAll(List.of(
                Path.of("/nowhere/at/all"),
                PATIENCE,
                Instant.EPOCH,
                UUID.randomUUID(),
                Optional.empty(),
                Set.of(),
                Context.empty(),
                Retry.max(1),
                ByteBuffer.allocate(512),
                Unpooled.buffer(512, 512)));
        samples.addAll(List.of(
                (Consumer<Object>) any -> {},
                (Function<Object, Object>) any -> Mono.empty(),
                (Supplier<Object>) Schedulers::immediate,
                (Runnable) () -> {},
                Flux.empty(),
                Mono.empty(),
                new BaseSubscriber<Object>() {},
                new IllegalStateException("sample")));
    }

    /** A sample of a type. */
    public Object of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            return raw.isAssignableFrom(List.class) ? List.of(of(generic.getActualTypeArguments()[0])) : of(raw);
        }
        if (type instanceof WildcardType any) {
            return of(any.getUpperBounds()[0]);
        }
        if (type instanceof TypeVariable<?> any) {
            return of(any.getBounds()[0]);
        }
        if (type instanceof GenericArrayType) {
            return new Object[0];
        }
        return of((Class<?>) type);
    }

    private Object of(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type.isArray()) {
            return Array.newInstance(type.getComponentType(), type == byte[].class ? 512 : 0);
        }
        Class<?> wanted = type == int.class
                ? Integer.class
                : type == long.class
                        ? Long.class
                        : type == boolean.class ? Boolean.class : type == double.class ? Double.class : type;
        return samples.stream().filter(wanted::isInstance).findFirst().orElseGet(() -> record(type));
    }

    private Object record(Class<?> type) {
        if (!type.isRecord()) {
            throw new AssertionError("add a sample of " + type);
        }
        try {
            Constructor<?> whole = type.getConstructors()[0];
            return whole.newInstance(
                    Stream.of(whole.getGenericParameterTypes()).map(this::of).toArray());
        } catch (ReflectiveOperationException unfit) {
            throw new LinkageError("add a sample of " + type, unfit);
        }
    }

    /** What a method is called on. */
    public Object receiver(Executable method) {
        return of(method.getDeclaringClass());
    }

    @Override
    public void close() {
        client.close().block(PATIENCE);
        server.close().block(PATIENCE);
        mirror.close().block(PATIENCE);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
