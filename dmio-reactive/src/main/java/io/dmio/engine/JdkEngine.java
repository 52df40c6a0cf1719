package io.dmio.engine;

import java.nio.file.Path;

/**
 * An engine that makes one blocking call of a {@link java.nio.channels.FileChannel} for each part of an operation's memory, on threads named
 * {@code dmio-jdk-N}, a bounded number for each file system. Runs wherever a JDK does, without native access.
 */
final class JdkEngine extends BlockingEngine {

    static final String NAME = "jdk";

    JdkEngine(int threadsMax) {
        super(NAME, new DeviceThreads(ChannelThread.factory("dmio-jdk"), threadsMax));
    }

    @Override
    Opener opener(Path path, OpenOptions options) {
        return new ChannelOpener(path, options);
    }
}
