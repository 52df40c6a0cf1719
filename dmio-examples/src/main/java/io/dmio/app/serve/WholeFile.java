package io.dmio.app.serve;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.Extent;
import io.dmio.ForwardingDevice;
import io.dmio.app.cli.FileId;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A file that is served for writing while it keeps its length. A file that was cut short fails everything that is asked of it from then on
 * ({@link FileWatch}). If another file is at the path by now, nobody can tell, and what is open is served.
 */
final class WholeFile extends ForwardingDevice {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.serve");

    private final FileId file;
    private final FileWatch watch;
    private volatile String cut = "";

    /**
     * Wraps a file.
     *
     * @param file as it was when it was opened
     * @param opened the device of the file, which is closed with this
     */
    WholeFile(FileId file, BlockDevice opened) {
        super(opened);
        this.file = file;
        this.watch = new FileWatch(this::look, Schedulers.boundedElastic());
    }

    @Override
    public Mono<Void> submit(BlockOp op) {
        return watch.before(
                op,
                info().sectorCount(),
                () -> cut.isEmpty()
                        ? super.submit(op)
                        : Mono.error(DeviceException.of(Errno.ESTALE, info().name(), op, cut)));
    }

    @Override
    public Mono<List<Extent>> extents(long sector, long sectorCount) {
        return Mono.defer(() -> cut.isEmpty()
                ? super.extents(sector, sectorCount)
                : Mono.error(DeviceException.of(Errno.ESTALE, info().name(), cut)));
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            watch.stop();
            return super.close();
        });
    }

    /** Looks at the file's length; blocks. */
    private void look() {
        try {
            FileId now = FileId.again(file.given());
            if (cut.isEmpty() && now.key().equals(file.key()) && now.bytes() < info().bytes()) {
                cut = "the file was cut short, to " + now.bytes() + " of " + info().bytes()
                        + " bytes: what was cut off is lost, so serve it anew once it is whole";
                LOG.error("{}: {}", file.given(), cut);
            }
        } catch (IOException unseen) {
            // nobody can tell
        }
    }
}
