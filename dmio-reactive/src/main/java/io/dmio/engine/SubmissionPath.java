package io.dmio.engine;

/** An engine's way to the kernel for its operations: the only thing in which engines differ. */
interface SubmissionPath {

    /**
     * Starts an operation: sooner or later {@link FileOp#begin} is called, its calls are made, and {@link FileOp#end} is called. May be
     * called by any thread; does not block. If this throws, the operation was not taken.
     */
    void launch(FileOp op);
}
