package io.dmio.mirror;

/** Hears of changes in who has a mirror's legs. */
interface OwnerListener {

    /** Called when another owner has taken them: everything ends. */
    void lost();

    /** Called when legs that had no owner's mark have it now. */
    void marked();
}
