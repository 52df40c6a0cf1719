package io.dmio.app.mirror;

import io.dmio.BlockDevice;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.app.cli.CommandContext;
import io.dmio.app.cli.StoppedException;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import io.dmio.mirror.OwnerOptions;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** How commands start a mirror: whoever asks the command to stop need not wait until it is known that nobody else has the mirror. */
final class MirrorStarting {

    private MirrorStarting() {}

    static MirrorOptions.Builder options(CommandContext context) {
        return MirrorOptions.builder().owner(owner(context));
    }

    static OwnerOptions owner(CommandContext context) {
        return OwnerOptions.defaults().withStop(context.shutdown().signal());
    }

    /**
     * Starts a mirror.
     *
     * @param legs the opened legs, closed here if the mirror does not start
     * @throws IllegalArgumentException if it is refused
     * @throws StoppedException if somebody asked to stop meanwhile
     */
    static MirrorDevice started(List<BlockDevice> legs, Function<List<BlockDevice>, Mono<MirrorDevice>> start) {
        try {
            return Objects.requireNonNull(start.apply(legs).block());
        } catch (DeviceException refused) {
            legs.forEach(MirrorLegs::close);
            if (refused.errno() == Errno.ECANCELED) {
                throw new StoppedException(refused.device() + ": " + refused.detail(), refused);
            }
            throw Advice.of(refused);
        } catch (RuntimeException refused) {
            legs.forEach(MirrorLegs::close);
            throw refused;
        }
    }
}
