package io.dmio.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dmio.BlockOp;
import io.dmio.device.Fault;
import io.dmio.device.FaultPlan;
import io.dmio.device.FaultyDevice;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup to two files and an NBD export, by a process that is killed in the middle, and by one that goes on. */
class BackupProcessTest {

    private static final int FILES = 30;
    private static final long SECTORS = 48 << 11; // 48 MiB

    @TempDir
    private Path directory;

    /** Files of up to 2 MiB, half of them in a directory of their own. */
    private Path source() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tar")) || Files.isExecutable(Path.of("/bin/tar")), "no tar");
        Path source = directory.resolve("source");
        Path below = Files.createDirectories(source.resolve("below"));
        Random random = new Random(7);
        for (int i = 0; i < FILES; i++) {
            byte[] bytes = new byte[random.nextInt(2 << 20)];
            random.nextBytes(bytes);
            Files.write((i % 2 == 0 ? source : below).resolve("file-" + i), bytes);
        }
        return source;
    }

    private Path target(String name) throws IOException {
        Path file = Files.createFile(directory.resolve(name));
        try (java.io.RandomAccessFile made = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(SECTORS * 512);
        }
        return file;
    }

    @Test
    void aKilledBackupGoesOnAndEachTargetUnpacksToTheDirectory() throws IOException, InterruptedException {
        MemoryDevice disk = MemoryDevice.of("remote", SECTORS);
        FaultyDevice remote =
                FaultyDevice.of(disk, Fault.stalled().on(BlockOp.Kind.WRITE).after(18));
        NbdServer server = NbdServer.builder()
                .bind("127.0.0.1", 0)
                .export(NbdExport.of("backup", remote))
                .start()
                .blockOptional()
                .orElseThrow();
        List<String> arguments = List.of(
                source().toString(),
                target("a.img").toString(),
                target("b.img").toString(),
                server.uri("backup").toString());
        try {
            killedWhenItHangs(remote, arguments);
            remote.plan(FaultPlan.none());
            remote.release();
            List<String> said = said(started(
                    Stream.concat(Stream.of("--resume"), arguments.stream()).toList()));
            long from = Long.parseLong(said.get(0).replace("from ", ""));
            assertThat(from).isBetween(1L, 18L);
            assertThat(said).filteredOn(line -> line.endsWith(" complete")).hasSize(3);
        } finally {
            server.close().block();
        }
        Files.write(directory.resolve("remote.img"), disk.snapshot(0, (int) SECTORS));
        for (String image : List.of("a.img", "b.img", "remote.img")) {
            Path unpacked = Files.createDirectories(directory.resolve("unpacked-" + image));
            runs("gzip -dc " + image + " | tar -x -C " + unpacked + " && diff -r source " + unpacked);
        }
    }

    private void killedWhenItHangs(FaultyDevice remote, List<String> arguments)
            throws IOException, InterruptedException {
        Process process = started(arguments);
        remote.whenStalled(1).block();
        process.destroyForcibly().waitFor(); // kill -9, in the middle of a piece
    }

    private Process started(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BackupToTargets.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    private List<String> said(Process process) throws IOException, InterruptedException {
        try (BufferedReader out = process.inputReader(UTF_8)) {
            List<String> lines = out.lines()
                    .filter(line -> line.matches("(from|durable) \\d+") || line.matches(".* (complete|failed: .*)"))
                    .toList();
            assertThat(process.waitFor())
                    .as(Files.readString(directory.resolve("errors")))
                    .isZero();
            return lines;
        }
    }

    private void runs(String command) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(command + "\n" + said).isZero();
    }
}
