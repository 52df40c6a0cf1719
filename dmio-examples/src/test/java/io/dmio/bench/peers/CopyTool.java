package io.dmio.bench.peers;

import java.nio.file.Path;
import java.util.List;

/**
 * One way to copy a file to three, as a shell line: {@code $S} is the source, {@code $1 $2 $3} the legs, which exist and have
 * its size. All end durable. {@code note} says what is not the same work.
 */
record CopyTool(String label, String needs, String note, String line) {

    private static final String DD_WRITES = "oflag=direct bs=1M iflag=fullblock conv=notrunc,fsync status=none";

    static final List<CopyTool> ALL = List.of(
            new CopyTool("dmio copy --direct", "./dmio", "reads once", "./dmio copy --direct --json \"$S\" \"$@\""),
            new CopyTool(
                    "dd, three at once",
                    "dd",
                    "reads three times",
                    "for leg; do dd if=\"$S\" of=\"$leg\" iflag=direct,fullblock oflag=direct bs=1M conv=notrunc,fsync"
                            + " status=none & jobs+=($!); done; for job in \"${jobs[@]}\"; do wait \"$job\"; done"),
            new CopyTool(
                    "dd and tee",
                    "tee",
                    "reads once, through pipes",
                    "mkfifo \"$T/a\" \"$T/b\"; dd if=\"$T/a\" of=\"$1\" " + DD_WRITES
                            + " & one=$!; dd if=\"$T/b\" of=\"$2\" "
                            + DD_WRITES
                            + " & two=$!; dd if=\"$S\" iflag=direct bs=1M status=none | tee \"$T/a\" \"$T/b\" | dd"
                            + " of=\"$3\" " + DD_WRITES + "; wait $one; wait $two"),
            new CopyTool(
                    "nbdcopy, three at once",
                    "nbdcopy",
                    "reads three times, through the page cache",
                    "for leg; do nbdcopy --flush \"$S\" \"$leg\" & jobs+=($!); done;"
                            + " for job in \"${jobs[@]}\"; do wait \"$job\"; done"),
            new CopyTool(
                    "qemu-img convert -n, three at once",
                    "qemu-img",
                    "reads three times",
                    "for leg; do qemu-img convert -n -W -f raw -O raw -T none -t none \"$S\" \"$leg\" & jobs+=($!); done;"
                            + " for job in \"${jobs[@]}\"; do wait \"$job\"; done"));

    /** The shell's arguments; any failure inside is the line's failure. */
    List<String> command(Path source, List<Path> legs, Path scratch) {
        List<String> command = new java.util.ArrayList<>(List.of(
                "bash", "-c", "set -euo pipefail; jobs=(); S=$1; T=$2; shift 2; " + line, "copy", source.toString()));
        command.add(scratch.toString());
        legs.forEach(leg -> command.add(leg.toString()));
        return command;
    }
}
