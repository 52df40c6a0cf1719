package io.dmio.nbd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Another host, as a network namespace of this one: it has a network of its own, and one cable to us, which can be cut.
 * Needs root; a test without is skipped.
 */
final class FarHost implements AutoCloseable {

    private static final long PID = ProcessHandle.current().pid();

    private final String name = "dmio-" + PID;
    private final String cable = "dmio" + PID % 1_000_000;
    private final String net = "198.18." + PID % 251 + "."; // of the networks that are there for tests

    private FarHost() {}

    static FarHost start() {
        Tool.assumeThere("ip");
        FarHost host = new FarHost();
        Tool.Outcome made = Tool.outcome("ip", "netns", "add", host.name);
        assumeTrue(made.code() == 0, () -> "no network namespace can be made here: " + made.text());
        try {
            Tool.run("ip", "link", "add", host.cable, "type", "veth", "peer", "name", "far", "netns", host.name);
            Tool.run("ip", "address", "add", host.net + "1/30", "dev", host.cable);
            host.there("ip", "address", "add", host.address() + "/30", "dev", "far");
            host.there("ip", "link", "set", "far", "up");
            host.there("ip", "link", "set", "lo", "up");
            host.mend();
        } catch (AssertionError failed) {
            host.close();
            throw failed;
        }
        return host;
    }

    /** Where it is, seen from here. */
    String address() {
        return net + "2";
    }

    /** Runs a program there to its end. */
    void there(String... command) {
        Tool.run(command(List.of(command)).toArray(String[]::new));
    }

    /** Starts a server there; whoever starts it ends it. */
    Process serve(BooleanSupplier ready, List<String> command) {
        return Tool.serve(ready, command(command));
    }

    private List<String> command(List<String> command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(command);
        return all;
    }

    /** Nothing gets through any more; nobody is told. */
    void cut() {
        Tool.run("ip", "link", "set", cable, "down");
    }

    void mend() {
        Tool.run("ip", "link", "set", cable, "up");
    }

    @Override
    public void close() {
        Tool.outcome("ip", "netns", "delete", name); // and the cable with it
        Tool.outcome("ip", "link", "delete", cable); // for the case that it was never attached
    }
}
