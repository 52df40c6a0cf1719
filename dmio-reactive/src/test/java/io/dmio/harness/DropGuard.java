package io.dmio.harness;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Schedulers;

/**
 * Tells if an error vanished in any test, and fails the build with {@code -Dtest.jvm=-Ddrops.fail=true}: dropped by Reactor as it came after the end, thrown by a task of a scheduler, or thrown
 * by a thread. Those that a test provokes it says ({@link DropsErrors}). Found by JUnit through {@code META-INF/services}.
 */
public final class DropGuard implements LauncherSessionListener, TestExecutionListener {

    private static final Logger LOG = LoggerFactory.getLogger(DropGuard.class);

    private static final List<String> DROPPED = new CopyOnWriteArrayList<>();

    private static volatile String running = "no test";
    private static volatile boolean provoked;

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        session.getLauncher().registerTestExecutionListeners(this);
        listen();
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        if (!DROPPED.isEmpty() && Boolean.getBoolean("drops.fail")) {
            throw new AssertionError(DROPPED.size() + " errors vanished:\n" + String.join("\n", DROPPED));
        }
    }

    /** What vanished so far, that a test said nothing of. */
    static List<String> vanished() {
        return List.copyOf(DROPPED);
    }

    /** Forgets one that a test lost on purpose. */
    static void forget(String lost) {
        DROPPED.remove(lost);
    }

    // Each time anew: tests have hooks of their own, and take all away in the end.
    private static void listen() {
        Hooks.resetOnErrorDropped();
        Hooks.onErrorDropped(late -> vanished("dropped", late));
        Schedulers.resetOnHandleError();
        Schedulers.onHandleError((thread, thrown) -> vanished("thrown by a task on " + thread.getName(), thrown));
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, thrown) -> vanished("thrown by " + thread.getName(), thrown));
    }

    private static void vanished(String how, Throwable error) {
        if (!provoked) {
            LOG.error("{}: {}", running, how, error);
            DROPPED.add(running + ": " + how + ": " + error);
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .ifPresent(method -> {
                    running = method.getJavaClass().getSimpleName() + "." + method.getMethodName();
                    provoked = AnnotationSupport.isAnnotated(method.getJavaMethod(), DropsErrors.class)
                            || isOn(method.getJavaClass());
                    listen();
                });
    }

    private static boolean isOn(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return AnnotationSupport.isAnnotated(type, DropsErrors.class) || (outer != null && isOn(outer));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            listen();
        }
    }
}
