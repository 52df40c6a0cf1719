package io.dmio.engine;

import io.dmio.DeviceInfo;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/** Opens one path, once for each subscription. Everything but {@link #name} blocks, and throws a {@link io.dmio.DeviceException}. */
interface Opener {

    /** Returns the name for messages. */
    String name();

    /** Returns the file system that the path seems to be on, found out without touching the path. */
    String mount();

    /** Looks at what will be opened, or at the directory where it will be made, and refuses what has no sectors. */
    Looked looked();

    /**
     * What was seen.
     *
     * @param storage what holds the bytes, and may hang
     * @param opening opens the path, and leaves nothing behind if it throws; takes the name for {@link DeviceInfo#engine()} and where calls
     *     may block
     */
    record Looked(String storage, BiFunction<String, Executor, OpenFile> opening) {}
}
