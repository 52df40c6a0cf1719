package io.dmio;

import java.io.Serializable;

/**
 * Why a device refused, for programs that act on it or advise a person in words of their own. Implementations are enums of the
 * package that refuses, such as {@code MirrorRefusal} of {@code io.dmio.mirror}. What a constant means does not change while
 * its name stays.
 */
public interface Reason extends Serializable {

    /**
     * Returns which reason it is among those of its type.
     *
     * @return the constant's name
     */
    String name();

    /**
     * Returns what to do about it in terms of this library, the last phrase of {@link DeviceException#getMessage()}. A program
     * with other terms, such as options of a command line, leaves it out and says its own after
     * {@link DeviceException#detail()}.
     *
     * @return a phrase in lower case
     */
    String remedy();
}
