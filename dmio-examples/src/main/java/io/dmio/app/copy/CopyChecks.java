package io.dmio.app.copy;

import io.dmio.ErrorBits;
import io.dmio.app.cli.FileId;
import io.dmio.app.cli.InUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks what a copy refuses before it opens anything. */
public final class CopyChecks {

    private final InUse inUse;
    private final boolean force;

    /**
     * Creates the checks of a copy.
     *
     * @param force whether to write even to what somebody else uses
     */
    public CopyChecks(InUse inUse, boolean force) {
        this.inUse = inUse;
        this.force = force;
    }

    /**
     * Checks a copy's ends.
     *
     * @param source where from
     * @param targets where to
     * @throws IllegalArgumentException naming the first end that is refused
     */
    public void check(FileId source, List<FileId> targets) {
        readable(source);
        if (targets.size() > ErrorBits.REGIONS_MAX) {
            throw refusal(targets.get(ErrorBits.REGIONS_MAX), "is one too many: a copy has at most 64 destinations");
        }
        targets.forEach(this::writable);
        distinct(source, targets);
    }

    private static void readable(FileId source) {
        switch (source.kind()) {
            case FILE, BLOCK_DEVICE, EXPORT, PIPE, STANDARD, UNSIZED -> {}
            case MISSING -> throw refusal(source, "no such file");
            default -> throw refusal(source, "is " + source.kind().words() + "; copy a file, a block device or -");
        }
    }

    private void writable(FileId target) {
        switch (target.kind()) {
            case MISSING, EXPORT, STANDARD -> {}
            case FILE, BLOCK_DEVICE ->
                inUse.by(target).filter(why -> !force).ifPresent(why -> {
                    throw refusal(target, "would be overwritten, and " + why + "; --force does it all the same");
                });
            case DIRECTORY -> throw refusal(target, "is a directory; name a file in it");
            default -> throw refusal(target, "is " + target.kind().words() + "; write to files, block devices or -");
        }
    }

    private static void distinct(FileId source, List<FileId> targets) {
        Map<String, String> seen = new HashMap<>();
        if (source.kind() != FileId.Kind.STANDARD) {
            seen.put(source.key(), source.given());
        }
        for (FileId target : targets) {
            String other = seen.putIfAbsent(target.key(), target.given());
            if (other != null) {
                throw refusal(target, "is the same as " + other + ", which is given already");
            }
        }
    }

    private static IllegalArgumentException refusal(FileId id, String why) {
        return new IllegalArgumentException(id.given() + ": " + why);
    }
}
