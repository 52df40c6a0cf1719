package io.dmio.fuzz;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import org.jspecify.annotations.Nullable;

/**
 * Counts the buffers that are made and released between two moments, which costs little and finds a lost one at once; {@code
 * LeakGuard}, which tells where it was made, is for builds. One thread only. While it counts, Netty wraps each buffer, so an input
 * decides whether it does: both forms are to be tried.
 */
public final class LeakCount {

    private static int run;
    private static int open;
    private static boolean on;

    private LeakCount() {}

    /** Before the first buffer is made; else, or where somebody else watches, nothing is counted. */
    public static void install() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
    }

    /** Forgets what was lost before. */
    static void begin(boolean count) {
        run++;
        open = 0;
        on = count;
    }

    /** Does something that makes buffers to stay. */
    static void spare(Runnable work) {
        boolean was = on;
        on = false;
        work.run();
        on = was;
    }

    /** How many buffers are neither released nor spared. */
    static int end() {
        on = false;
        return open;
    }

    private static final class Factory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // abstract there, so it must be here
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long maxActive) {
            return newResourceLeakDetector(resource, interval);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
            return new Detector<>(resource, interval);
        }
    }

    private static final class Detector<T> extends ResourceLeakDetector<T> {
        Detector(Class<?> resource, int interval) {
            super(resource, interval);
        }

        @Override
        public @Nullable ResourceLeakTracker<T> track(T made) {
            return on ? new Tracker<>() : null;
        }
    }

    private static final class Tracker<T> implements ResourceLeakTracker<T> {
        private final int since = run;

        Tracker() {
            count(1);
        }

        @Override
        public void record() {}

        @Override
        public void record(Object hint) {}

        @Override
        public boolean close(T released) {
            if (since == run) {
                count(-1);
            }
            return true;
        }

        private static void count(int more) {
            open += more;
        }
    }
}
