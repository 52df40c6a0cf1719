package io.dmio.bench.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One NBD server, as a shell line: {@code $A} is the file it serves, {@code $B} the second leg of a mirror, {@code $U} the unix
 * socket or empty, {@code $P} the port or empty. All go through the page cache.
 */
record ServerTool(String label, String needs, String line) {

    private static final String PLACE = " ${U:+--unix \"$U\"} ${P:+--listen 127.0.0.1:$P} ";
    private static final String QEMU = "exec qemu-nbd -t -e 8 ${U:+-k \"$U\"} ${P:+-b 127.0.0.1 -p $P} ";

    static final ServerTool NBDKIT = new ServerTool(
            "nbdkit file", "nbdkit", "exec nbdkit -f ${U:+-U \"$U\"} ${P:+-i 127.0.0.1 -p $P} file \"$A\"");

    /** Servers of one file; the first is ours. */
    static final List<ServerTool> OF_ONE = List.of(
            new ServerTool("dmio", "./dmio", "exec ./dmio serve" + PLACE + "\"$A\""),
            NBDKIT,
            new ServerTool("qemu-nbd", "qemu-nbd", QEMU + "-f raw --cache=writeback \"$A\""));

    /** Servers of a mirror of two; the first is ours. */
    static final List<ServerTool> OF_TWO = List.of(
            new ServerTool("dmio mirror", "./dmio", "exec ./dmio mirror serve" + PLACE + "\"$A\" \"$B\""),
            new ServerTool(
                    "qemu-nbd quorum",
                    "qemu-nbd",
                    QEMU + "--image-opts driver=quorum,vote-threshold=2,children.0.driver=raw,"
                            + "children.0.file.driver=file,children.0.file.filename=\"$A\",children.1.driver=raw,"
                            + "children.1.file.driver=file,children.1.file.filename=\"$B\""));

    /** Where a server listens, and how fio calls that. */
    record Place(String unix, String port) {
        String uri() {
            return unix.isEmpty() ? "nbd://127.0.0.1:" + port : "nbd+unix:///?socket=" + unix;
        }
    }

    /** A server that listens, until it is closed. */
    record Running(Process process, Place place) implements AutoCloseable {
        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException stopped) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts it and waits until fio can use it. */
    Running start(List<Path> files, Place place) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", line)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("A", files.get(0).toString());
        builder.environment().put("B", files.get(files.size() - 1).toString());
        builder.environment().put("U", place.unix);
        builder.environment().put("P", place.port);
        if (!place.unix.isEmpty()) {
            Files.deleteIfExists(Path.of(place.unix));
        }
        Running running = new Running(builder.start(), place);
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                Program.run(List.of("nbdinfo", "--size", place.uri()), 10);
                return running;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        running.close();
        throw new IOException(label + " does not listen");
    }
}
