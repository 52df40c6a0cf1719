package io.dmio.app.serve;

import jnr.constants.platform.Signal;
import jnr.posix.POSIXFactory;

/**
 * SIGHUP, by which operators ask a server to read its configuration again. A signal that came before the server could do that is not
 * forgotten.
 */
public final class HangupSignal implements AutoCloseable {

    // guarded by this
    private Runnable then = () -> {};
    private boolean ready;
    private boolean came;

    private HangupSignal() {}

    /** Catches the signal, which from now on does not end the process any more. */
    public static HangupSignal await() {
        HangupSignal signal = new HangupSignal();
        POSIXFactory.getJavaPOSIX()
                .signal(Signal.SIGHUP, number -> signal.came()); // the JVM calls it on a thread of its own
        return signal;
    }

    /** Catches nothing: the signal ends the process, as usual. */
    public static HangupSignal none() {
        return new HangupSignal();
    }

    /** Sets what is done each time, one at a time. */
    public synchronized void calls(Runnable what) {
        then = what;
        ready = true;
        if (came) {
            what.run();
        }
    }

    private synchronized void came() {
        came = true;
        if (ready) {
            then.run();
        }
    }

    /** Ends the reaction: signals from now on do nothing. */
    @Override
    public synchronized void close() {
        then = () -> {};
    }
}
