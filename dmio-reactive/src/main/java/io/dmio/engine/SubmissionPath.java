package io.dmio.engine;

/** The way of an engine's operations to the kernel: the only thing in which engines differ. */
interface SubmissionPath {

    /**
     * Starts an operation: sooner or later {@link FileOp#begin} it, make its calls, and {@link FileOp#end} it. Any thread;
     * does not block. If this throws, the operation was not taken.
     */
    void launch(FileOp op);
}
