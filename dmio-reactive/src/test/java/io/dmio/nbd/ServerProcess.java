package io.dmio.nbd;

import io.dmio.BlockDevice;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.harness.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A server in a process of its own, which can be killed and stopped: a file to a port of every address. */
final class ServerProcess {

    private ServerProcess() {}

    /** How it is started. */
    static List<String> command(Path file, int port) {
        return ChildJvm.command(ServerProcess.class, file.toString(), String.valueOf(port));
    }

    public static void main(String[] args) throws IOException {
        BlockDevice file = IoEngines.posix()
                .open(Path.of(args[0]), OpenOptions.readWrite().withDirect(false))
                .blockOptional()
                .orElseThrow();
        NbdServer.builder()
                .bind("0.0.0.0", Integer.parseInt(args[1]))
                .export(NbdExport.of("leg", file))
                .start()
                .block();
        int unused = System.in.read(); // until whoever started it is gone
        Runtime.getRuntime().halt(0);
    }
}
