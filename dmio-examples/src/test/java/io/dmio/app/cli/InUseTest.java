package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dmio.app.copy.CopyChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk 8:0 with the partitions 8:1 and 8:2, on a machine made of files. */
class InUseTest {

    @TempDir
    private Path root;

    @BeforeEach
    void aDiskWithTwoPartitions() throws IOException {
        write("proc/swaps", "Filename Type Size Used Priority\n");
        mount("20 1 0:19 / /proc rw - proc proc rw");
        for (String part : new String[] {"1", "2"}) {
            write("sys/dev/block/8:0/sda" + part + "/partition", part + "\n");
            write("sys/dev/block/8:0/sda" + part + "/dev", "8:" + part + "\n");
            write("sys/class/block/sda" + part + "/dev", "8:" + part + "\n");
        }
        Files.createDirectories(root.resolve("sys/dev/block/8:0/holders"));
    }

    @Test
    void aDiskThatNobodyUsesIsFree() {
        assertThat(new InUse(root).by("8:0")).isEmpty();
        assertThat(new InUse(root).by("7:3")).isEmpty();
    }

    @Test
    void aMountedDiskIsNamedWithItsPlace() throws IOException {
        mount("36 35 8:0 / /mnt/my\\040disk rw,noatime master:1 - ext4 /dev/sda rw");
        assertThat(new InUse(root).by("8:0")).contains("it is mounted on /mnt/my disk");
    }

    @Test
    void aMountedPartitionKeepsItsDiskBusyAndNotItsSibling() throws IOException {
        mount("36 35 8:2 / /home rw shared:1 - ext4 /dev/sda2 rw");
        assertThat(new InUse(root).by("8:0")).contains("its partition sda2 is mounted on /home");
        assertThat(new InUse(root).by("8:2")).contains("it is mounted on /home");
        assertThat(new InUse(root).by("8:1")).isEmpty();
    }

    @Test
    void aFileSystemWithANumberOfItsOwnIsFoundByItsSource() throws IOException {
        mount("36 35 0:33 / /data rw - btrfs /dev/sda1 rw");
        assertThat(new InUse(root).by("8:0")).contains("its partition sda1 is mounted on /data");
    }

    @Test
    void swapIsAUse() throws IOException {
        write("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2\tpartition 1 0 -2\n");
        assertThat(new InUse(root).by("8:0")).contains("its partition sda2 is used for swap");
    }

    @Test
    void aDeviceStackedOnItIsAUse() throws IOException {
        Files.createDirectories(root.resolve("sys/dev/block/8:0/holders/dm-0"));
        assertThat(new InUse(root).by("8:0")).contains("it is part of dm-0");
    }

    @Test
    void aCopyOntoAMountedDiskIsRefused() throws IOException {
        mount("36 35 8:2 / /home rw shared:1 - ext4 /dev/sda2 rw");
        FileId source = new FileId("f", FileId.Kind.FILE, "file 1:1", "", 512, 0666);
        FileId disk = new FileId("/dev/sda", FileId.Kind.BLOCK_DEVICE, "disk 8:0", "8:0", 0, 0660);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CopyChecks(new InUse(root), false).check(source, List.of(disk)))
                .withMessage("/dev/sda: would be overwritten, and its partition sda2 is mounted on /home"
                        + "; --force does it all the same");
        new CopyChecks(new InUse(root), true).check(source, List.of(disk));
    }

    @Test
    void aFileBehindAMountedLoopDeviceIsUsedByWhoeverUsesThat() throws IOException {
        Path image = Files.createFile(root.resolve("image"));
        write("sys/block/loop3/loop/backing_file", image + "\n");
        write("sys/block/loop3/dev", "7:3\n");
        assertThat(new InUse(root).by(FileId.of(image.toString()))).contains("it is behind /dev/loop3");
        mount("36 35 7:3 / /mnt rw - ext4 /dev/loop3 rw");
        assertThat(new InUse(root).by(FileId.of(image.toString())))
                .contains("it is behind /dev/loop3, and of that it is mounted on /mnt");
        Path other = Files.createFile(root.resolve("other"));
        assertThat(new InUse(root).by(FileId.of(other.toString()))).isEmpty();
    }

    @Test
    void aFileThatAnotherProgramLocksPartsOfIsItsDisk() throws IOException {
        Path image = Files.createFile(root.resolve("image"));
        Map<String, Object> status = Files.readAttributes(image, "unix:dev,ino");
        String[] device = FileId.deviceNumber((Long) Objects.requireNonNull(status.get("dev")))
                .split(":", -1);
        String inode = "%02x:%02x:%d"
                .formatted(Integer.parseInt(device[0]), Integer.parseInt(device[1]), (Long) status.get("ino"));
        write("proc/locks", "1: FLOCK  ADVISORY  WRITE 7 " + inode + " 0 EOF\n");
        assertThat(new InUse(root).by(FileId.of(image.toString()))).isEmpty();
        write("proc/locks", "1: OFDLCK ADVISORY  READ -1 " + inode + " 100 101\n");
        assertThat(new InUse(root).by(FileId.of(image.toString())))
                .contains("another program has it open, and locks parts of it");
        write("proc/77/comm", "qemu-system-x86\n");
        Files.createDirectories(root.resolve("proc/77/fd"));
        Files.createSymbolicLink(root.resolve("proc/77/fd/12"), image);
        assertThat(new InUse(root).by(FileId.of(image.toString())))
                .contains("qemu-system-x86 (process 77) has it open, and locks parts of it");
    }

    private void mount(String line) throws IOException {
        write("proc/self/mountinfo", line + "\n");
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
