package io.dmio.bench.peers;

import java.nio.file.Path;
import java.util.List;

/**
 * One way to copy a file to one or three others, as a shell line: {@code $S} is the source, {@code "$@"} the legs, which exist
 * and have its size. All end durable. {@code note} says what is not the same work.
 */
record CopyTool(String label, String needs, String note, String line) {

    private static final String DD_WRITES = "oflag=direct bs=1M iflag=fullblock conv=notrunc,fsync status=none";

    private static final String AGAIN = "reads once a leg";

    static final List<CopyTool> ALL = List.of(
            new CopyTool(
                    "dmio copy --direct",
                    "./dmio",
                    "direct, reads once",
                    "./dmio copy --direct $H --json \"$S\" \"$@\""),
            new CopyTool("dmio copy", "./dmio", "reads once", "./dmio copy $H --json \"$S\" \"$@\""),
            new CopyTool(
                    "dd",
                    "dd",
                    "direct, " + AGAIN,
                    atOnce(
                            "dd if=\"$S\" of=\"$leg\" iflag=direct,fullblock oflag=direct bs=1M conv=notrunc,fsync status=none")),
            new CopyTool("dd", "dd", AGAIN, atOnce("dd if=\"$S\" of=\"$leg\" bs=1M conv=notrunc,fsync status=none")),
            new CopyTool(
                    "cp and sync",
                    "cp",
                    AGAIN + ", into a new file",
                    atOnce("{ cp \"$S\" \"$leg\" && sync \"$leg\"; }")),
            new CopyTool(
                    "dd and tee",
                    "tee",
                    "direct, reads once, through pipes; three legs",
                    "[ $# = 3 ] || { echo three legs, no more and no less >&2; exit 1; }; mkfifo \"$T/a\" \"$T/b\"; dd if=\"$T/a\" of=\"$1\" "
                            + DD_WRITES
                            + " & one=$!; dd if=\"$T/b\" of=\"$2\" "
                            + DD_WRITES
                            + " & two=$!; dd if=\"$S\" iflag=direct bs=1M status=none | tee \"$T/a\" \"$T/b\" | dd"
                            + " of=\"$3\" " + DD_WRITES + "; wait $one; wait $two"),
            new CopyTool("nbdcopy", "nbdcopy", AGAIN, atOnce("nbdcopy --flush \"$S\" \"$leg\"")),
            new CopyTool(
                    "qemu-img convert -n",
                    "qemu-img",
                    "direct, " + AGAIN,
                    atOnce("qemu-img convert -n -W -f raw -O raw -T none -t none \"$S\" \"$leg\"")));

    private static String atOnce(String eachLeg) {
        return "for leg; do " + eachLeg + " & jobs+=($!); done; for job in \"${jobs[@]}\"; do wait \"$job\"; done";
    }

    /** The shell's arguments; any failure inside is the line's failure. */
    List<String> command(Path source, boolean hasHoles, List<Path> legs, Path scratch) {
        String start = "set -euo pipefail; jobs=(); H=" + (hasHoles ? "--sparse" : "") + "; S=$1; T=$2; shift 2; ";
        List<String> command =
                new java.util.ArrayList<>(List.of("bash", "-c", start + line, "copy", source.toString()));
        command.add(scratch.toString());
        legs.forEach(leg -> command.add(leg.toString()));
        return command;
    }
}
