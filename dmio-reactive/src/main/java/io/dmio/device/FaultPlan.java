package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a {@link FaultyDevice} fails: a list of {@link Fault}s. Immutable and deterministic: the same plan over the same
 * operations, in the order they are subscribed to, fails the same way, and {@link #toString} prints the code of the plan with
 * its seeds. Bad sectors also depend on which writes have succeeded before.
 *
 * <p>Each operation is shown to every fault. If several strike, it is held if one of them holds it, their delays add up, and
 * the first of the rest that does not pass decides what happens to it.
 *
 * <table>
 * <caption>What the kernel's fault targets do, here</caption>
 * <tr><th>Linux</th><th>Fault</th></tr>
 * <tr><td>dm-error</td><td>{@code errno(EIO)}</td></tr>
 * <tr><td>dm-error under a part of a linear map</td><td>{@code errno(EIO).within(sector, count)}</td></tr>
 * <tr><td>dm-flakey, down</td><td>{@code errno(EIO).upDown(up, down)}</td></tr>
 * <tr><td>dm-flakey error_reads, error_writes</td><td>{@code errno(EIO).on(READ).upDown(up, down)}, {@code .on(WRITE)}</td></tr>
 * <tr><td>dm-flakey drop_writes</td><td>{@code dropped().upDown(up, down)}</td></tr>
 * <tr><td>dm-flakey corrupt_bio_byte N r V</td><td>{@code overwritten(N - 1, V).on(READ).upDown(up, down)}</td></tr>
 * <tr><td>dm-flakey random_write_corrupt P</td><td>{@code flippedAtRandom(seed).on(WRITE).chance(P / 1e9, seed)}</td></tr>
 * <tr><td>dm-dust addbadblock B, addbadblock B C</td><td>{@code badSectors(B, count)}, {@code badSectors(B, count, C)}</td></tr>
 * <tr><td>dm-dust enable, disable</td><td>{@link FaultyDevice#plan(FaultPlan)}</td></tr>
 * <tr><td>dm-delay, per direction</td><td>{@code delayed(d).on(READ)}, {@code .on(WRITE)}, {@code .on(FLUSH)}</td></tr>
 * <tr><td>dmsetup suspend, resume</td><td>{@link FaultyDevice#stall}, {@link FaultyDevice#release}</td></tr>
 * <tr><td>fail_make_request probability, times</td><td>{@code errno(EIO).chance(p, seed)}, {@code .first(n)}</td></tr>
 * </table>
 */
public final class FaultPlan {

    private static final FaultPlan NONE = new FaultPlan(List.of());

    private final List<Fault> faults;

    private FaultPlan(List<Fault> faults) {
        this.faults = faults;
    }

    /**
     * Returns the plan in which nothing fails.
     *
     * @return the empty plan
     */
    public static FaultPlan none() {
        return NONE;
    }

    /**
     * Returns a plan of some faults, of which the earlier ones decide first.
     *
     * @param faults any number
     * @return the plan
     */
    public static FaultPlan of(Fault... faults) {
        return new FaultPlan(List.of(Objects.requireNonNull(faults, "faults")));
    }

    /**
     * Returns this plan with more faults, after those that it has.
     *
     * @param more any number
     * @return a new plan
     */
    public FaultPlan and(Fault... more) {
        return new FaultPlan(Stream.concat(faults.stream(), List.of(Objects.requireNonNull(more, "more")).stream())
                .toList());
    }

    @Override
    public String toString() {
        return faults.stream().map(Fault::toString).collect(Collectors.joining(", ", "FaultPlan.of(", ")"));
    }

    /**
     * Starts counting.
     *
     * @param info the description of the device that the operations are for
     * @param nanos a clock, for faults that go by time
     */
    Run start(DeviceInfo info, LongSupplier nanos) {
        return new Run(this, info, nanos);
    }

    /** A plan at work: what each fault has counted. Safe for concurrent use. */
    static final class Run {
        private final FaultPlan plan;
        private final DeviceInfo info;
        private final Effect[] effects;
        private final long[] ordinals;
        private final boolean remembersWrites;
        private final LongSupplier nanos;
        private final long startNanos;

        private Run(FaultPlan plan, DeviceInfo info, LongSupplier nanos) {
            this.plan = plan;
            this.info = info;
            this.effects =
                    plan.faults.stream().map(fault -> fault.effect().fresh()).toArray(Effect[]::new);
            this.ordinals = new long[effects.length];
            this.remembersWrites = Arrays.stream(effects).anyMatch(Effect::remembersWrites);
            this.nanos = nanos;
            this.startNanos = nanos.getAsLong();
        }

        FaultPlan plan() {
            return plan;
        }

        /** Decides about one operation and counts it. */
        Verdict judge(BlockOp op) {
            return effects.length == 0 ? Verdict.PASS : judge(op, Math.max(0, nanos.getAsLong() - startNanos));
        }

        private synchronized Verdict judge(BlockOp op, long elapsedNanos) {
            Verdict verdict = Verdict.PASS;
            for (int i = 0; i < effects.length; i++) {
                Scope scope = plan.faults.get(i).scope();
                if (!scope.concerns(op) || !scope.strikes(++ordinals[i], elapsedNanos)) {
                    continue;
                }
                Verdict said = effects[i].judge(op, ordinals[i]).about(op, info);
                if (verdict.passes() && !said.passes()) {
                    effects[i].decided(op);
                }
                verdict = verdict.and(said);
            }
            return verdict;
        }

        /** Returns whether {@link #written} is to be called for an operation, even for one that passes. */
        boolean remembers(BlockOp op) {
            return remembersWrites && op.kind().changes();
        }

        /** Called when an operation that changes sectors has reached the device behind, with success. */
        synchronized void written(BlockOp op) {
            for (Effect effect : effects) {
                effect.written(op);
            }
        }
    }
}
