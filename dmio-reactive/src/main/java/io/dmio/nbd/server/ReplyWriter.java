package io.dmio.nbd.server;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.memory.Views;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.Wire;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.List;

/** Writes answers to a channel; heads and data go as they are, and the channel gathers them. Nothing is flushed here. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends in exceptionCaught
final class ReplyWriter {

    private static final int ERROR_BYTES = 256;

    private final String export;
    private final ReplyFormat replies;
    private final ReplyFrames frames;
    private final RequestMeter meter;

    ReplyWriter(ServerTerms terms) {
        this.export = terms.export().name();
        this.replies = terms.replies();
        this.frames = new ReplyFrames(replies);
        this.meter = terms.export().meter();
    }

    void refuse(ChannelHandlerContext to, RequestHeader request, RequestRules.Refusal refusal) {
        refuse(to, request, refusal, to.voidPromise());
    }

    private void refuse(
            ChannelHandlerContext to, RequestHeader request, RequestRules.Refusal refusal, ChannelPromise sent) {
        meter.refused(request, refusal.error());
        ByteBuf out = to.alloc().buffer(ERROR_BYTES);
        frames.error(out, request, refusal.error(), refusal.why());
        to.write(out, sent);
    }

    /**
     * Answers a request that has ended; its memory is kept as long as it is being sent.
     *
     * @param last told when all of the answer has left
     */
    void answer(ChannelHandlerContext to, ServerRequest one, ChannelPromise last) {
        Throwable failure = one.failure();
        RequestRules.Refusal refusal = one.refusal();
        ByteBuf memory = one.memory;
        if (refusal != null) {
            refuse(to, one.request, refusal, last);
        } else if (failure != null) {
            ByteBuf out = to.alloc().buffer(ERROR_BYTES);
            frames.error(out, one.request, WireError.of(failure), words(failure));
            to.write(out, last);
        } else if (one.isRead() && memory != null) {
            boolean whole = !replies.isChunked() || one.request.has(Wire.CMD_DF);
            data(
                    to,
                    one.request,
                    memory,
                    whole ? List.of(SparseRuns.whole(one.bytes())) : SparseRuns.of(memory, one.bytes()),
                    last);
        } else if (!one.statuses().isEmpty()) {
            statuses(to, one, last);
        } else {
            ByteBuf out = to.alloc().buffer(replies.dataHeadBytes());
            frames.done(out, one.request);
            to.write(out, last);
        }
    }

    // A device's message names files and servers behind this server, which are not the clients' business.
    private String words(Throwable failure) {
        Errno errno = failure instanceof DeviceException refusal ? refusal.errno() : Errno.EIO;
        return "export '" + export + "': " + errno;
    }

    private void data(
            ChannelHandlerContext to,
            RequestHeader request,
            ByteBuf memory,
            List<SparseRuns.Run> runs,
            ChannelPromise last) {
        for (int i = 0; i < runs.size(); i++) {
            SparseRuns.Run run = runs.get(i);
            boolean isLast = i == runs.size() - 1;
            ChannelPromise sent = isLast ? last : to.voidPromise();
            ByteBuf head = to.alloc().buffer(replies.dataHeadBytes() + Integer.BYTES);
            if (run.isHole()) {
                frames.hole(head, request, run, isLast);
                to.write(head, sent);
            } else {
                frames.data(head, request, run, isLast);
                to.write(head, to.voidPromise());
                to.write(Views.toSend(memory, run.start(), run.bytes()), sent);
            }
        }
    }

    private void statuses(ChannelHandlerContext to, ServerRequest one, ChannelPromise last) {
        List<ServerRequest.Status> all = one.statuses();
        for (int i = 0; i < all.size(); i++) {
            ByteBuf out = to.alloc().buffer();
            ServerRequest.Status status = all.get(i);
            boolean isLast = i == all.size() - 1;
            frames.status(out, one.request, ServerTerms.idOf(status.context()), status.runs(), isLast);
            to.write(out, isLast ? last : to.voidPromise());
        }
    }
}
