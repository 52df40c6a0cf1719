package io.dmio.harness;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import reactor.blockhound.BlockHound;

/**
 * Has BlockHound watch every thread that must not block, from before the first test class is loaded. Not in Maven's own JVM, where
 * Surefire looks for test classes when several JVMs run them: that one has not the options that BlockHound needs. Found by JUnit
 * through {@code META-INF/services}.
 */
public final class BlockingGuard implements LauncherSessionListener {

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        if (System.getProperty("maven.home") == null) {
            BlockHound.install();
        }
    }
}
