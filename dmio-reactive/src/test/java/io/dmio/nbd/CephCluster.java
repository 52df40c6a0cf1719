package io.dmio.nbd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A real Ceph cluster on this machine's loopback: a monitor, a manager, and three OSDs that keep each object three times, in
 * memory. It takes writes while two of them live.
 */
final class CephCluster implements AutoCloseable {

    static final int OSDS = 3;

    private final Path directory;
    private final Map<String, Process> daemons = new HashMap<>();

    private CephCluster(Path directory) {
        this.directory = directory;
    }

    /** Skips the test, with a reason, where Ceph, or QEMU's driver for it, is missing. */
    static void assumeThere() {
        Tool.assumeThere("ceph-mon", "ceph-mgr", "ceph-osd", "ceph", "rbd", "qemu-nbd");
        assumeTrue(hasDriver(), "qemu-block-extra is not installed: see .ci/run for the package");
    }

    private static boolean hasDriver() {
        try (Stream<Path> files =
                Files.find(Path.of("/usr/lib"), 3, (path, is) -> path.endsWith("qemu/block-rbd.so"))) {
            return files.findAny().isPresent();
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** Starts one, with an empty pool {@code rbd}. */
    static CephCluster start(Path directory) throws IOException {
        CephCluster cluster = new CephCluster(directory);
        try {
            cluster.begin();
        } catch (IOException | RuntimeException | AssertionError failed) {
            cluster.close();
            throw failed;
        }
        return cluster;
    }

    private void begin() throws IOException {
        for (String part : List.of("run", "log", "mon", "mgr")) {
            Files.createDirectories(directory.resolve(part));
        }
        String fsid = UUID.randomUUID().toString();
        int[] ports = freePorts();
        Files.writeString(conf(), settings(fsid, ports));
        String keys = directory.resolve("keyring").toString();
        Tool.run("ceph-authtool", "--create-keyring", keys, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        String addresses = "[v2:127.0.0.1:" + ports[0] + ",v1:127.0.0.1:" + ports[1] + "]";
        String map = directory.resolve("monmap").toString();
        Tool.run("monmaptool", "--create", "--addv", "a", addresses, "--fsid", fsid, map);
        Tool.run("ceph-mon", "-c", conf().toString(), "--mkfs", "-i", "a", "--monmap", map, "--keyring", keys);
        daemon("ceph-mon", "a");
        ceph("status"); // waits for the monitor
        daemon("ceph-mgr", "x");
        for (int id = 0; id < OSDS; id++) {
            String uuid = UUID.randomUUID().toString();
            ceph("osd", "new", uuid);
            Files.createDirectories(directory.resolve("osd" + id));
            Tool.run("ceph-osd", "-c", conf().toString(), "-i", String.valueOf(id), "--mkfs", "--osd-uuid", uuid);
            startOsd(id);
        }
        ceph("osd", "pool", "create", "rbd", "8");
        Tool.run("rbd", "-c", conf().toString(), "pool", "init", "rbd");
    }

    private String settings(String fsid, int[] ports) {
        return """
                [global]
                fsid = %2$s
                mon host = [v2:127.0.0.1:%3$d,v1:127.0.0.1:%4$d]
                public network = 127.0.0.0/8
                cluster network = 127.0.0.0/8
                auth cluster required = none
                auth service required = none
                auth client required = none
                osd pool default size = 3
                osd pool default min size = 2
                osd crush chooseleaf type = 0
                osd objectstore = memstore
                memstore device bytes = 536870912
                run dir = %1$s/run
                log file = %1$s/log/$name.log
                admin socket = %1$s/run/$name.asok
                mon data = %1$s/mon
                mgr data = %1$s/mgr
                osd data = %1$s/osd$id
                keyring = %1$s/keyring
                """.formatted(directory, fsid, ports[0], ports[1]);
    }

    /** Makes an image, and says by which name qemu-nbd serves it. */
    String image(String name, int mib) {
        Tool.run("rbd", "-c", conf().toString(), "create", "rbd/" + name, "--size", mib + "M");
        return "rbd:rbd/" + name + ":conf=" + conf();
    }

    /** Takes an OSD's life, and with it its memory. Does not wait. */
    void killOsd(int id) {
        Process osd = daemons.get("ceph-osd" + id);
        if (osd != null) {
            osd.toHandle().destroyForcibly();
        }
    }

    /** Starts it (again); others bring it what it had. */
    void startOsd(int id) {
        Process before = daemons.get("ceph-osd" + id);
        if (before != null) {
            before.onExit().join();
        }
        daemon("ceph-osd", String.valueOf(id));
    }

    /**
     * How a cluster is.
     *
     * @param serves whether an image can be read, all of it, by a client of the cluster's own
     * @param words what the cluster says of itself
     */
    record Health(boolean serves, String words) {}

    /** Reads an image that was not asked for before, and asks. */
    Health health(String image) {
        String of = conf().toString();
        String into = directory.resolve("read-of-" + image).toString(); // not there yet, as rbd wants it
        Tool.Outcome read = Tool.outcome(
                "rbd", "-c", of, "--rados-osd-op-timeout", "20", "--no-progress", "export", "rbd/" + image, into);
        Tool.Outcome said = Tool.outcome("ceph", "-c", of, "--connect-timeout", "30", "health", "detail");
        return new Health(read.code() == 0, read.text() + said.text());
    }

    private void daemon(String program, String id) {
        List<String> command = List.of(program, "-f", "-c", conf().toString(), "-i", id);
        daemons.put(program + id, Tool.serve(() -> true, command));
    }

    private void ceph(String... words) {
        List<String> command = new ArrayList<>(List.of("ceph", "-c", conf().toString(), "--connect-timeout", "30"));
        command.addAll(Arrays.asList(words));
        Tool.run(command.toArray(String[]::new));
    }

    private Path conf() {
        return directory.resolve("ceph.conf");
    }

    private static int[] freePorts() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket other = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), other.getLocalPort()};
        }
    }

    @Override
    public void close() {
        List<Process> all = new ArrayList<>(daemons.values());
        all.forEach(daemon -> daemon.toHandle().destroyForcibly());
        all.forEach(daemon -> daemon.onExit().join());
        daemons.clear();
    }
}
