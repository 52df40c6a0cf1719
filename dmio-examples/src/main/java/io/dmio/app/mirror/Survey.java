package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.mirror.MirrorStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What is on devices that may be legs; each is first looked at by itself. Writes nothing; blocks.
 *
 * @param mirrors the mirrors that were found, by UUID, in the order of their first leg
 * @param strangers why each other device is not a leg
 */
record Survey(Map<UUID, Group> mirrors, Map<String, String> strangers) {

    /**
     * The legs of one mirror.
     *
     * @param legs by the names they were given
     * @param status how the mirror is, as far as these can tell
     * @param refusal why they do not fit together, or must not be started without the others; empty if nothing is wrong
     */
    record Group(Map<String, BlockDevice> legs, MirrorStatus status, String refusal) {}

    static Survey of(Map<String, BlockDevice> devices) {
        Map<UUID, Map<String, BlockDevice>> legs = new LinkedHashMap<>();
        Map<UUID, MirrorStatus> newest = new LinkedHashMap<>();
        Map<String, String> strangers = new LinkedHashMap<>();
        devices.forEach((name, device) -> {
            try {
                MirrorStatus alone = inspect(List.of(device));
                legs.computeIfAbsent(alone.id(), first -> new LinkedHashMap<>()).put(name, device);
                newest.merge(alone.id(), alone, (one, other) -> one.generation() >= other.generation() ? one : other);
            } catch (DeviceException none) {
                strangers.put(name, none.detail());
            }
        });
        Map<UUID, Group> mirrors = new LinkedHashMap<>();
        legs.forEach((id, its) -> mirrors.put(id, group(its, Objects.requireNonNull(newest.get(id)))));
        return new Survey(mirrors, strangers);
    }

    private static Group group(Map<String, BlockDevice> legs, MirrorStatus newest) {
        try {
            return new Group(legs, inspect(List.copyOf(legs.values())), "");
        } catch (DeviceException | IllegalArgumentException refused) {
            String why = refused instanceof DeviceException device ? Advice.words(device) : refused.getMessage();
            return new Group(legs, newest, String.valueOf(why));
        }
    }

    private static MirrorStatus inspect(List<BlockDevice> devices) {
        return Objects.requireNonNull(MirrorStatus.inspect(devices).block());
    }
}
