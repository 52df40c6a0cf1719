package io.dmio.harness;

import io.dmio.fuzz.LeakCount;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails the build if any test forgot to release a buffer. Watches every Netty buffer from before the first test class is
 * loaded; after the last test it makes the collector run and asks each detector what became unreachable unreleased. Found by
 * JUnit through {@code META-INF/services}.
 */
public final class LeakGuard implements LauncherSessionListener {

    private static final boolean FUZZES = Boolean.getBoolean("fuzz"); // then each run counts what it loses

    private static final int COLLECTIONS =
            4; // what the first finds is in the queue by the second; two for good measure
    private static final long COLLECTION_MILLIS_MAX = 10_000;

    private static final List<RecordingDetector<?>> DETECTORS = new CopyOnWriteArrayList<>();
    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        if (FUZZES) {
            LeakCount.install();
        } else {
            watch();
        }
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        List<String> leaks = FUZZES ? List.of() : leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " buffers were not released:\n" + String.join("\n", leaks));
        }
    }

    /** Watches all buffers whose class is loaded from now on. */
    static void watch() {
        ResourceLeakDetector.setLevel(Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingFactory());
    }

    /** Collects garbage until every buffer lost so far is known. */
    static List<String> leaks() {
        for (int i = 0; i < COLLECTIONS; i++) {
            collect();
            DETECTORS.forEach(RecordingDetector::poll);
        }
        return List.copyOf(LEAKS);
    }

    /** Forgets one leak that a test made on purpose. */
    static void forget(String leak) {
        LEAKS.remove(leak);
    }

    private static void collect() {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> canary = new PhantomReference<>(new Object(), collected);
        System.gc();
        try {
            if (!canary.equals(collected.remove(COLLECTION_MILLIS_MAX))) {
                throw new IllegalStateException("the collector did not run: leaks cannot be found");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static final class RecordingFactory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // abstract there, so it must be here
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
            RecordingDetector<T> detector = new RecordingDetector<>(resource, samplingInterval);
            DETECTORS.add(detector);
            return detector;
        }
    }

    private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        RecordingDetector(Class<?> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            LEAKS.add(resource + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            LEAKS.add(resource + ": released by nobody, touched by nobody");
        }

        /** Looks at what the collector found, which Netty does only while it tracks. */
        @SuppressWarnings("unchecked") // only its identity is used
        private void poll() {
            Object probe = new Object();
            ResourceLeakTracker<T> tracker = track((T) probe);
            if (tracker != null) {
                tracker.close((T) probe);
            }
        }
    }
}
