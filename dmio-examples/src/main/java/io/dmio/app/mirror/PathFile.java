package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.app.cli.FileId;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * A file. If it was replaced, removed or cut short, it fails everything that is asked of it, as the file that is still open would go on for
 * nobody, or read as zeroes. It goes on when the very same file is at the path again. If another file of the right length is there, or the
 * file was cut short meanwhile, what is there is used from the next pin on.
 */
final class PathFile extends PathDevice {

    private boolean isCut; // guarded by looking, like all of a look

    PathFile(FileId found, Supplier<BlockDevice> opener) {
        super(found, opener);
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return watch().before(op, info().sectorCount(), () -> super.submit(op));
    }

    @Override
    void look(FileId now) {
        String why = why(now);
        if (!why.isEmpty()) {
            fails(why);
            isCut |= isSame(now); // what was cut off is lost, whatever the length is later
        }
        if (!isThere() && now.bytes() == info().bytes() && isWithoutFresh()) {
            if (why.isEmpty() && !isCut) {
                goesOn(); // nothing was written to it meanwhile
            } else {
                boolean isAnother = !isSame(now);
                isCut &= !reopen(now) || !isAnother;
            }
        }
        tellLength(isThere() ? now.bytes() - info().bytes() : 0);
    }

    @Override
    String another() {
        return "another file is there now";
    }

    private String why(FileId now) {
        if (now.kind() == FileId.Kind.MISSING) {
            return "the file was taken away";
        }
        if (now.kind() != FileId.Kind.FILE) {
            return now.kind().words() + " is there now";
        }
        if (!isSame(now)) {
            return another() + sizes(now.bytes());
        }
        return now.bytes() < info().bytes()
                ? "the file was cut short, to " + now.bytes() + " of " + info().bytes() + " bytes"
                : "";
    }
}
