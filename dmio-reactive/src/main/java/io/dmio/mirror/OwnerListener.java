package io.dmio.mirror;

/** Hears of what becomes of a mirror's legs. */
interface OwnerListener {

    /** Another has taken them: everything ends. */
    void lost();

    /** Some that had no owner's mark have it now. */
    void marked();
}
