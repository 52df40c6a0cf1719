package io.dmio.mirror;

import io.dmio.BlockDevice;
import io.dmio.Capability;
import io.dmio.DeviceInfo;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.testkit.BlockDeviceContract;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;

/** A mirror keeps the contract of all devices, whatever its legs can do. */
class MirrorContractTest {

    @Nested
    class OfOneLeg extends OfLegs {
        @Override
        List<BlockDevice> legs(long sectors) {
            return List.of(MemoryDevice.of("a", sectors));
        }
    }

    @Nested
    class OfThreeLegs extends OfLegs {
        @Override
        OwnerOptions owner() {
            return OwnerOptions.off();
        }

        @Override
        List<BlockDevice> legs(long sectors) {
            return IntStream.range(0, 3)
                    .<BlockDevice>mapToObj(i -> MemoryDevice.of("leg " + i, sectors + i * 8L))
                    .toList();
        }
    }

    @Nested
    class OfLegsWithoutCapabilitiesAndOfLargeBlocks extends OfLegs {
        @Override
        List<BlockDevice> legs(long sectors) {
            DeviceInfo large = DeviceInfo.of("large", sectors, "memory").withBlocks(4096, 4096);
            DeviceInfo plain =
                    DeviceInfo.of("plain", sectors, "memory").withCapabilities(EnumSet.noneOf(Capability.class));
            return List.of(MemoryDevice.of(large), MemoryDevice.of(plain));
        }
    }

    @Nested
    class OfMirrors extends OfLegs {
        @Override
        OwnerOptions owner() {
            return OwnerOptions.off();
        }

        @Override
        List<BlockDevice> legs(long sectors) {
            return List.of(
                    mirror(List.of(MemoryDevice.of("a", sectors + 256), MemoryDevice.of("b", sectors + 256)), owner()),
                    MemoryDevice.of("c", sectors));
        }
    }

    abstract static class OfLegs extends BlockDeviceContract {

        abstract List<BlockDevice> legs(long sectors);

        /** With marks each start takes a quarter of a second, so they are on some kinds of legs only. */
        OwnerOptions owner() {
            return OwnerOptions.defaults();
        }

        @Override
        protected BlockDevice open(long sectors) {
            return mirror(legs(sectors + METADATA_SECTORS), owner());
        }

        // One unit a plane, and two slots: these mirrors have fewer than 31,744 chunks.
        private static final long METADATA_SECTORS = (long) LegLayout.METADATA_UNITS_MIN * LegLayout.UNIT_SECTORS;

        static BlockDevice mirror(List<BlockDevice> legs, OwnerOptions owner) {
            return MirrorDevice.create(
                            legs, MirrorOptions.builder().owner(owner).build())
                    .blockOptional()
                    .orElseThrow();
        }
    }
}
