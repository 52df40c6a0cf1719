package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.mirror.LegState;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.testkit.DeviceFixture;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A virtual machine of QEMU whose only disk is a mirror behind our server. Its operating system is one sector long: it has the
 * firmware copy 8 MiB from one place of the disk to another and ends.
 */
class QemuGuestTest extends DeviceFixture {

    private static final int FROM = 2048; // sectors
    private static final int TO = FROM + 0x4000;
    private static final int MIB = 8;
    private static final int COPIED = 33; // QEMU's exit code for 0x10 at the port

    private static final byte[] BOOT_SECTOR = bootSector(
            "fa" // cli
                    + "31c0" // xor ax, ax
                    + "8ed8" // mov ds, ax
                    + "8ed0" // mov ss, ax
                    + "bc007c" // mov sp, 0x7c00
                    + "fb" // sti
                    + "bd0001" // mov bp, 256
                    // next:
                    + "b442" // mov ah, 0x42: read
                    + "e81900" // call disk
                    + "8106457c0040" // add word [lba], 0x4000
                    + "b80043" // mov ax, 0x4300: write
                    + "e80d00" // call disk
                    + "812e457cc03f" // sub word [lba], 0x4000 - 64
                    + "4d" // dec bp
                    + "75e6" // jne next
                    + "b010" // mov al, 0x10
                    + "eb0c" // jmp end
                    // disk:
                    + "be3d7c" // mov si, packet
                    + "b280" // mov dl, 0x80
                    + "cd13" // int 0x13
                    + "7201" // jc failed
                    + "c3" // ret
                    // failed:
                    + "b020" // mov al, 0x20
                    // end:
                    + "e6f4" // out 0xf4, al
                    + "f4" // hlt
                    + "ebfb" // jmp end
                    // packet:
                    + "10004000" // its length; 64 sectors
                    + "00000010" // at 0x1000:0
                    + "0008000000000000"); // lba: from 2048 on

    @Test
    void aGuestNoticesNothingOfALegThatDies() {
        Tool.assumeThere("qemu-system-x86_64");
        MemoryDevice first = MemoryDevice.of("first", 65_536);
        FaultyDevice second = FaultyDevice.of(MemoryDevice.of("second", 65_536));
        MirrorDevice mirror = Objects.requireNonNull(MirrorDevice.create(
                        List.of(first, second),
                        MirrorOptions.builder().stableMemory(true).build())
                .block(PATIENCE));
        tracked(mirror);
        write(mirror, 0, filled(512, 1).setBytes(0, BOOT_SECTOR));
        for (int mib = 0; mib < MIB; mib++) {
            write(mirror, FROM + mib * 2048L, filled(1 << 20, mib));
        }
        second.plan(FaultPlan.of(Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).after(100)));
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", mirror)))) {
            Tool.Outcome guest = Tool.outcome(
                    "qemu-system-x86_64",
                    "-display",
                    "none",
                    "-nic",
                    "none",
                    "-m",
                    "32",
                    "-device",
                    "isa-debug-exit,iobase=0xf4,iosize=4",
                    "-drive",
                    "file=" + served.server().uri("disk") + ",format=raw,if=virtio");
            assertThat(guest.code()).as(guest.text()).isEqualTo(COPIED);
        }
        assertThat(Objects.requireNonNull(mirror.status().block(PATIENCE)).legs())
                .extracting(leg -> leg.state() == LegState.IN_SYNC)
                .containsExactly(true, false);
        for (int mib = 0; mib < MIB; mib++) {
            byte[] copied = all(read(mirror, TO + mib * 2048L, 1 << 20));
            assertThat(Arrays.equals(copied, all(filled(1 << 20, mib)))).isTrue();
        }
    }

    private static byte[] bootSector(String code) {
        byte[] sector = Arrays.copyOf(HexFormat.of().parseHex(code), 512);
        sector[510] = 0x55;
        sector[511] = (byte) 0xaa;
        return sector;
    }
}
