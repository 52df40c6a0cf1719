package io.dmio.device;

import io.dmio.BlockOp;
import io.dmio.Errno;
import io.dmio.Sectors;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;

/**
 * One way to fail: what happens, to which operations, and when. Immutable; each method that narrows a fault returns a new one.
 *
 * <pre>{@code
 * Fault.errno(Errno.EIO).on(BlockOp.Kind.WRITE).within(2048, 8).nth(3)   // the third write that touches those sectors
 * }</pre>
 *
 * <p>First {@link #on} and {@link #within} choose the operations; those are counted from 1; then {@link #nth}, {@link #first},
 * {@link #after}, {@link #chance} and {@link #upDown} choose among them by that count or by time, and must all agree. A flush has no
 * sectors, so it is never within any. Where a fault strikes but has nothing to change, the operation passes, and the next fault decides.
 */
public final class Fault {

    private final Effect effect;
    private final Scope scope;

    private Fault(Effect effect, Scope scope) {
        this.effect = effect;
        this.scope = scope;
    }

    private static Fault fixed(String code, Verdict verdict, Scope scope) {
        return new Fault(new Effect.Fixed(code, verdict), scope);
    }

    private static Fault fixed(String code, Verdict.Act act, Scope scope) {
        return fixed(code, Verdict.of(act), scope);
    }

    /**
     * Returns a fault that fails operations of all kinds; they never reach the device (drivers/md/dm-target.c, io_err_map).
     *
     * @param errno the errno of the failure
     * @return the fault
     */
    public static Fault errno(Errno errno) {
        return fixed("errno(" + errno + ")", new Verdict.Act.Fail(errno), Scope.all());
    }

    /**
     * Returns a fault that delays operations of all kinds, each by itself, before they reach the device (dm-delay.c). Delays of several
     * faults add up, to a century at most.
     *
     * @param delay how long, at least zero
     * @return the fault
     */
    public static Fault delayed(Duration delay) {
        String code = "delayed(" + Code.of(delay) + ")";
        return fixed(code, new Verdict(false, delay, Verdict.Act.PASS), Scope.all());
    }

    /**
     * Returns a fault that holds operations of all kinds until {@link FaultyDevice#release}.
     *
     * @return the fault
     */
    public static Fault stalled() {
        return fixed("stalled()", new Verdict(true, Duration.ZERO, Verdict.Act.PASS), Scope.all());
    }

    /**
     * Returns a fault that acknowledges writes, discards and write-zeroes, and forgets them: reads see what was there before
     * (dm-flakey.c, drop_writes). A read that is dropped leaves its memory as it was.
     *
     * @return the fault
     */
    public static Fault dropped() {
        return fixed("dropped()", Verdict.Act.DROP, Scope.changes());
    }

    /**
     * Returns a fault that lets only the first sectors of a write, discard or write-zeroes reach the device, then fails the operation.
     *
     * @param sectorsKept how many; rounded down to the device's logical blocks, and all if the operation is shorter
     * @param errno the errno of the failure
     * @return the fault
     */
    public static Fault torn(long sectorsKept, Errno errno) {
        Sectors.end(0, sectorsKept);
        String code = "torn(" + Code.of(sectorsKept) + ", " + errno + ")";
        return fixed(
                code,
                new Verdict.Act.Tear(sectorsKept, Optional.of(Objects.requireNonNull(errno, "errno"))),
                Scope.changes());
    }

    /**
     * Returns a fault that lets only the first sectors of a write, discard or write-zeroes reach the device, and acknowledges all of it.
     * An operation that is not longer passes.
     *
     * @param sectorsKept how many, as in {@link #torn}
     * @return the fault
     */
    public static Fault tornUnnoticed(long sectorsKept) {
        Sectors.end(0, sectorsKept);
        String code = "tornUnnoticed(" + Code.of(sectorsKept) + ")";
        return fixed(code, new Verdict.Act.Tear(sectorsKept, Optional.empty()), Scope.changes());
    }

    /**
     * Returns a fault that tears each operation at a random sector, so that none, some, or all but the last reach the device, then fails
     * it.
     *
     * @param seed the same seed tears the same operations at the same places
     * @param errno the errno of the failure
     * @return the fault
     */
    public static Fault tornAtRandom(long seed, Errno errno) {
        return new Fault(new Effect.TornAtRandom(seed, errno), Scope.changes());
    }

    /**
     * Returns a fault that inverts one byte of what is read or written. A write's memory is not touched: the device gets a changed copy.
     *
     * @param byteIndex which byte of the operation, from 0; shorter operations pass
     * @return the fault, on reads and writes
     */
    public static Fault flipped(int byteIndex) {
        return fixed("flipped(" + byteIndex + ")", new Verdict.Act.Corrupt(byteIndex, 0xFF, 0xFF), Scope.transfers());
    }

    /**
     * Returns a fault that flips one random bit of what is read or written, as {@link #flipped} does.
     *
     * @param seed the same seed flips the same bits
     * @return the fault, on reads and writes
     */
    public static Fault flippedAtRandom(long seed) {
        return new Fault(new Effect.FlippedAtRandom(seed), Scope.transfers());
    }

    /**
     * Returns a fault that replaces one byte of what is read or written (dm-flakey.c, corrupt_bio_byte, which counts from 1).
     *
     * @param byteIndex which byte of the operation, from 0; shorter operations pass
     * @param value 0 to 255
     * @return the fault, on reads and writes
     */
    public static Fault overwritten(int byteIndex, int value) {
        String code = "overwritten(" + byteIndex + ", " + value + ")";
        return fixed(code, new Verdict.Act.Corrupt(byteIndex, 0, value), Scope.transfers());
    }

    /**
     * Returns a fault that sends reads, writes, discards and write-zeroes to another place of the device, and answers as that place does.
     * Operations that would leave the device pass. Flushes have no place: they are neither concerned nor counted.
     *
     * @param bySectors added to the sector; whole logical blocks, may be negative
     * @return the fault
     */
    public static Fault misdirected(long bySectors) {
        return fixed("misdirected(" + Code.of(bySectors) + ")", new Verdict.Act.Misdirect(bySectors), Scope.placed());
    }

    /**
     * Returns a fault of sectors that fail to read with EIO until they are written again (dm-dust.c): by a write, discard or write-zeroes
     * that has reached them on the wrapped device with success, whichever fault let it through. Flushes are neither concerned nor
     * counted.
     *
     * @param sector the first bad sector
     * @param count how many
     * @return the fault
     */
    public static Fault badSectors(long sector, long count) {
        return badSectors(sector, count, 0);
    }

    /**
     * Returns a fault of sectors that fail to read with EIO until they are written again, as {@link #badSectors(long, long)}, where the
     * first writes fail with EIO, too (dm-dust.c, {@code addbadblock} with a count).
     *
     * @param sector the first bad sector
     * @param count how many
     * @param failingWrites how many writes of each sector this fault fails before one heals it
     * @return the fault
     */
    public static Fault badSectors(long sector, long count, int failingWrites) {
        return new Fault(new BadSectors(sector, count, failingWrites), Scope.placed());
    }

    /**
     * Returns this fault for operations of the given kinds only, instead of those it was made for.
     *
     * @param first a kind
     * @param more other kinds
     * @return a narrower fault
     */
    public Fault on(BlockOp.Kind first, BlockOp.Kind... more) {
        return new Fault(
                effect,
                scope.on(EnumSet.of(Objects.requireNonNull(first, "first"), Objects.requireNonNull(more, "more"))));
    }

    /**
     * Returns this fault for operations that touch one of the given sectors only, instead of those named before.
     *
     * @param sector the first sector
     * @param count how many, at least 1
     * @return a narrower fault
     */
    public Fault within(long sector, long count) {
        return new Fault(effect, scope.within(sector, count));
    }

    /**
     * Returns this fault for the n-th operation only.
     *
     * @param n from 1
     * @return a narrower fault
     */
    public Fault nth(long n) {
        return when(Trigger.Ordinals.nth(n));
    }

    /**
     * Returns this fault for the first operations only.
     *
     * @param n how many, at least 1
     * @return a narrower fault
     */
    public Fault first(long n) {
        return when(Trigger.Ordinals.first(n));
    }

    /**
     * Returns this fault for all operations but the first ones.
     *
     * @param n how many are spared, at least 0
     * @return a narrower fault
     */
    public Fault after(long n) {
        return when(Trigger.Ordinals.after(n));
    }

    /**
     * Returns this fault for each operation with the same probability.
     *
     * @param probability 0 to 1
     * @param seed the same seed strikes the same operations, counted in the order they arrive
     * @return a narrower fault
     */
    public Fault chance(double probability, long seed) {
        return when(new Trigger.Chance(probability, seed));
    }

    /**
     * Returns this fault, sparing some operations, striking some, and so on.
     *
     * @param up how many are spared each time
     * @param down how many are struck each time; not both 0
     * @return a narrower fault
     */
    public Fault upDown(long up, long down) {
        return when(new Trigger.UpDownOps(up, down));
    }

    /**
     * Returns this fault, sparing operations for a time, striking them for a time, and so on, from when the plan is put in (dm-flakey.c,
     * up_interval and down_interval). Time is that of the device's scheduler.
     *
     * @param up how long they are spared
     * @param down how long they are struck; not both zero
     * @return a narrower fault
     */
    public Fault upDown(Duration up, Duration down) {
        return when(new Trigger.UpDownTime(up, down));
    }

    /**
     * Returns the call that makes this fault, seeds and all, so that a run can be replayed. It compiles with static imports of
     * {@link Errno} and {@link BlockOp.Kind}.
     */
    @Override
    public String toString() {
        return "Fault." + effect + scope;
    }

    Effect effect() {
        return effect;
    }

    Scope scope() {
        return scope;
    }

    private Fault when(Trigger trigger) {
        return new Fault(effect, scope.when(trigger));
    }
}
