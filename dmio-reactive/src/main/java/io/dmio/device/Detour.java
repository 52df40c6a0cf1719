package io.dmio.device;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceCall;
import io.dmio.DeviceException;
import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Mono;

/** Passes operations on to the device behind: as they are, changed, in part, elsewhere or not at all. */
final class Detour {

    private final BlockDevice next;
    private final FaultPlan.Run run;

    /**
     * Creates the way for operations that were judged.
     *
     * @param next the device behind
     * @param run is told of what was written
     */
    Detour(BlockDevice next, FaultPlan.Run run) {
        this.next = next;
        this.run = run;
    }

    /** Does what was decided; cold. The caller keeps the operation's memory until the answer. */
    Mono<Void> of(BlockOp op, Verdict.Act act) {
        if (act instanceof Verdict.Act.Fail fail) {
            return Mono.error(error(fail.errno(), op, "as the fault plan says"));
        }
        if (act instanceof Verdict.Act.Tear tear) {
            return torn(op, tear);
        }
        if (act instanceof Verdict.Act.Corrupt corrupt) {
            return corrupted(op, corrupt);
        }
        if (act instanceof Verdict.Act.Misdirect misdirect) {
            return reach(Edit.moved(op, op.sector() + misdirect.bySectors()));
        }
        return act.equals(Verdict.Act.DROP) ? Mono.empty() : reach(op);
    }

    private Mono<Void> torn(BlockOp op, Verdict.Act.Tear tear) {
        long kept = tear.kept(op, next.info());
        Mono<Void> head = kept == 0 ? Mono.empty() : reach(Edit.cut(op, kept));
        return tear.answer()
                .map(errno -> head.then(
                        Mono.<Void>error(error(errno, op, "torn after " + kept + " sectors, as the fault plan says"))))
                .orElse(head);
    }

    /** Performs an operation with one byte changed on the way; for a write the caller's own memory stays as it is. */
    private Mono<Void> corrupted(BlockOp op, Verdict.Act.Corrupt corrupt) {
        int at = corrupt.byteIndex();
        if (op instanceof BlockOp.Write write) {
            return Mono.using(
                    () -> Edit.copy(write.from()),
                    copy -> reach(new BlockOp.Write(
                            write.sector(), copy.setByte(at, corrupt.apply(copy.getByte(at))), write.fua())),
                    ByteBuf::release);
        }
        ByteBuf into = Edit.memoryOf(op);
        return reach(op).doOnSuccess(done -> into.setByte(at, corrupt.apply(into.getByte(at))));
    }

    private Mono<Void> reach(BlockOp op) {
        Mono<Void> ended = DeviceCall.of(next, op);
        return op.kind().changes() ? ended.doOnSuccess(done -> run.written(op)) : ended;
    }

    private DeviceException error(Errno errno, BlockOp op, String detail) {
        return DeviceException.of(errno, next.info().name(), op, detail);
    }
}
