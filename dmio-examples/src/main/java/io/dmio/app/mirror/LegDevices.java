package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorStatus;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The devices that were opened for a mirror; each is closed when it is no longer a leg. */
final class LegDevices {

    private final MirrorDevice mirror;
    private final List<BlockDevice> devices;

    /**
     * @param opened the legs that it was started with
     */
    LegDevices(MirrorDevice mirror, List<BlockDevice> opened) {
        this.mirror = mirror;
        this.devices = new CopyOnWriteArrayList<>(opened);
    }

    /** Returns all open devices. */
    List<BlockDevice> all() {
        return List.copyOf(devices);
    }

    Stream<String> names() {
        return devices.stream().map(device -> device.info().name());
    }

    void add(BlockDevice device) {
        devices.add(device);
    }

    /** Removes a device, which somebody else closes. */
    void remove(BlockDevice device) {
        devices.remove(device);
    }

    /** Closes all devices; the mirror is closed already. */
    Mono<Void> close() {
        return Flux.fromIterable(devices).concatMap(LegDevices::closed).then();
    }

    /**
     * Closes the device of a leg that was taken out. The device in place of a lost leg may have its name, as a new disk has the name of the
     * broken one: that device is in use.
     */
    Mono<Void> left(String name) {
        return mirror.status()
                .map(status -> present(status).contains(name))
                .onErrorReturn(true) // the mirror was closed, and the devices with it
                .flatMap(isThere -> isThere ? Mono.<Void>empty() : closed(name));
    }

    private Mono<Void> closed(String name) {
        return Flux.fromIterable(devices)
                .filter(device -> device.info().name().equals(name))
                .concatMap(device -> {
                    devices.remove(device);
                    return closed(device);
                })
                .then();
    }

    /** Returns the names of the legs that are there. */
    static List<String> present(MirrorStatus status) {
        return status.legs().stream()
                .filter(leg -> leg.state() != LegState.MISSING)
                .map(LegStatus::name)
                .toList();
    }

    private static Mono<Void> closed(BlockDevice device) {
        return device.close()
                .onErrorResume(DeviceException.class, told -> Mono.empty()); // nothing was written that counts
    }
}
