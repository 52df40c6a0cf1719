package io.dmio.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.Feature;
import io.dmio.engine.IoEngine;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** docs/guide-engines.md. */
class EnginesGuideTest {

    @Test
    void theBestEngineSaysWhyItIs() {
        IoEngine engine = IoEngines.best();
        String why = IoEngines.bestReason();

        assertThat(engine.name()).isIn("uring", "posix", "jdk");
        assertThat(why).isNotEmpty();
        assertThat(Feature.IO_URING.lack().isEmpty() || !engine.name().equals("uring"))
                .isTrue();
    }

    @Test
    void aDeviceSaysWhatItTakes(@TempDir Path directory) {
        Mono<DeviceInfo> asked = Mono.usingWhen(
                IoEngines.best()
                        .open(directory.resolve("disk"), OpenOptions.readWrite().withCreate(1 << 20)),
                device -> Mono.just(device.info()),
                BlockDevice::close);

        DeviceInfo info = asked.blockOptional().orElseThrow();
        assertThat(info.sectorCount()).isEqualTo(2048);
        assertThat(info.logicalBlockBytes()).isGreaterThanOrEqualTo(512); // the smallest I/O
        assertThat(info.memoryAlignmentBytes()).isPositive(); // other memory is copied on its way
        assertThat(info.transferBytesMax()).isPositive(); // longer requests are cut
        assertThat(info.can(Capability.DISCARD)).isIn(true, false);
    }

    @Test
    void severalAreOpenedOrNone(@TempDir Path directory) {
        List<Path> legs = List.of(directory.resolve("leg-0"), directory.resolve("leg-1"));
        OpenOptions options = OpenOptions.readWrite().withOpenOrCreate(1 << 20);

        Mono<Integer> used = Mono.usingWhen(
                IoEngines.best().openAll(legs, options), devices -> Mono.just(devices.size()), BlockDevice::closeAll);

        assertThat(used.block()).isEqualTo(2);
    }
}
