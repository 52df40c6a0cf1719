package io.dmio.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An output for text that remembers the first failure, which a {@link java.io.PrintStream} swallows. Thread-safe. */
public final class CheckedOutput extends OutputStream {

    private final OutputStream to;
    private volatile @Nullable IOException failure;

    CheckedOutput(OutputStream to) {
        this.to = to;
    }

    /** Returns why something was not written, if that happened. */
    public Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            to.write(bytes, from, count);
        } catch (IOException failed) {
            throw first(failed);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            to.flush();
        } catch (IOException failed) {
            throw first(failed);
        }
    }

    private IOException first(IOException failed) {
        if (failure == null) {
            failure = failed;
        }
        return failed;
    }
}
