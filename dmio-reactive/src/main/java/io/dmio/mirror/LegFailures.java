package io.dmio.mirror;

import io.dmio.DeviceException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Is told of legs that did not do what they were asked: a leg that the others can spare is dropped. */
interface LegFailures {

    /**
     * A leg failed something.
     *
     * @param known whether that is known already, as the leg was dropped before it answered
     */
    void failed(Leg leg, DeviceException why, boolean known);

    /** What was asked failed, as a leg failed it and no other has what is needed. */
    void unserved(Leg leg, DeviceException why);

    /** A leg did not answer in time, though another one did. */
    void setAside(Leg leg);

    /**
     * Legs failed a flush, and take part all the same: what they had not flushed may be gone.
     *
     * @param failed bit i: leg i
     * @param done bit i: leg i did it
     * @param why what it failed with
     */
    void unflushed(int failed, int done, DeviceException why);

    /** What a flush has lost may have been a write, too, that is answered only now. */
    void lostMeanwhile();

    /** Tells when it is on record that they lack that, or with what it could not be made so. */
    void whenNoted(Consumer<@Nullable DeviceException> told);
}
