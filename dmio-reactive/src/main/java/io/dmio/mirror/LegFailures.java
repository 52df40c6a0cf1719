package io.dmio.mirror;

import io.dmio.DeviceException;

/** Is told of legs that did not do what they were asked: a leg that the others can spare is dropped. */
interface LegFailures {

    /**
     * A leg failed something.
     *
     * @param known whether that is known already, as the leg was dropped before it answered
     */
    void failed(Leg leg, DeviceException why, boolean known);

    /** A leg did not answer in time, though another one did. */
    void setAside(Leg leg);
}
