package io.dmio.app.info;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a device that is a leg of a mirror says about itself.
 *
 * @param mirror as the leg knows it
 * @param leg its place in the mirror
 */
record LegMark(MirrorStatus mirror, LegStatus leg) {

    /** Looks at the device's end; blocks, and writes nothing. */
    static Optional<LegMark> of(BlockDevice device) {
        return MirrorStatus.inspect(List.of(device))
                .onErrorComplete(DeviceException.class)
                .blockOptional()
                .flatMap(mirror -> mirror.legs().stream()
                        .filter(leg -> leg.state() != LegState.MISSING)
                        .findFirst()
                        .map(leg -> new LegMark(mirror, leg)));
    }

    String words() {
        return "leg " + leg.index() + " of " + mirror.legs().size() + " of mirror " + mirror.id();
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", mirror.id().toString());
        json.put("leg", leg.index());
        json.put("legs", mirror.legs().size());
        return json;
    }
}
