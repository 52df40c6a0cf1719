package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hears of legs that did not do what they were asked; a leg that the others can spare is dropped. */
interface LegFailures {

    /**
     * Called when a leg failed an operation.
     *
     * @param known whether that is known already, as the leg was dropped before it answered
     */
    void failed(Leg leg, DeviceException why, boolean known);

    /** Called when an operation failed because a leg failed it and no other leg has what is needed. */
    void unserved(Leg leg, DeviceException why);

    /** Called when a leg did not answer in time, though another one did. */
    void setAside(Leg leg);

    /**
     * Called when legs failed a flush and still take part: what they had not flushed may be gone.
     *
     * @param failed bit i: leg i failed it
     * @param done bit i: leg i did it
     * @param why what the flush failed with
     */
    void unflushed(int failed, int done, DeviceException why);

    /** Called for a write that is answered only now: it may be among what a flush has lost. */
    void lostMeanwhile();

    /** Calls back with null once it is on record what these legs lack, or with the failure if it could not be recorded. */
    void whenNoted(Consumer<@Nullable DeviceException> told);
}
