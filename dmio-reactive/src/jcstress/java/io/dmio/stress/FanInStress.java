package io.dmio.stress;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceException;
import io.dmio.DeviceInfo;
import io.dmio.DmIo;
import io.dmio.Errno;
import io.dmio.ErrorBits;
import io.dmio.IoRegion;
import io.dmio.VmBuffer;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Two legs answer on threads of their own: the last one tells the result, with what the other said. */
@JCStressTest
@Outcome(id = "3, EIO EPIPE", expect = Expect.ACCEPTABLE, desc = "both bits, each with its own cause")
@Outcome(expect = Expect.FORBIDDEN, desc = "a bit or its cause was lost, or no result was told")
@State
public class FanInStress {

    private static final int SECTORS = 8;
    private static final VmBuffer MEMORY = VmBuffer.of(Unpooled.directBuffer(SECTORS * 512));

    private final Leg first = new Leg();
    private final Leg second = new Leg();
    private ErrorBits told; // by whichever thread answers last

    /** Answers when it is told to. */
    private static final class Leg implements BlockDevice {
        private MonoSink<Void> asked;

        @Override
        public DeviceInfo info() {
            return DeviceInfo.of("leg", SECTORS, "stress");
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.create(sink -> asked = sink);
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }

    /** All legs are asked, and none has answered. */
    public FanInStress() {
        List<IoRegion> regions = List.of(new IoRegion(first, 0, SECTORS), new IoRegion(second, 0, SECTORS));
        DmIo.create().get(1).write(regions, MEMORY).subscribe(bits -> told = bits);
    }

    @Actor
    public void first() {
        first.asked.error(DeviceException.of(Errno.EIO, "first", "stress"));
    }

    @Actor
    public void second() {
        second.asked.error(DeviceException.of(Errno.EPIPE, "second", "stress"));
    }

    @Arbiter
    public void seen(LL_Result result) {
        result.r1 = told == null ? "nothing" : Long.toString(told.toLong());
        result.r2 = told == null ? "" : cause(0) + " " + cause(1);
    }

    private String cause(int bit) {
        return told.cause(bit).map(cause -> cause.errno().name()).orElse("none");
    }
}
