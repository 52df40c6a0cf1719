package io.dmio.app.cli;

import java.util.Locale;

/** Draws the progress of a copy. Pure: the same state gives the same text. */
public final class ProgressBar {

    /** Stands for an unknown number, such as the total of a stream. */
    public static final long UNKNOWN = -1;

    private static final int BAR_MIN = 10;

    private ProgressBar() {}

    /**
     * The progress.
     *
     * @param done in bytes
     * @param total in bytes, or {@link #UNKNOWN}
     * @param bytesPerSecond 0 while unknown
     */
    record State(long done, long total, double bytesPerSecond) {

        /** Returns the share that is done, 0 to 1; 1 if there is nothing to do. */
        double share() {
            return total <= 0 ? 1 : Math.min(1, (double) done / total);
        }

        /** Returns the seconds to go, rounded up; {@link #UNKNOWN} without a rate or a total. */
        long secondsLeft() {
            if (total == UNKNOWN || bytesPerSecond < 1) {
                return UNKNOWN;
            }
            return (long) Math.ceil((total - done) / bytesPerSecond);
        }
    }

    /** Returns one line for a terminal, narrower than the terminal. */
    static String line(State state, Look look) {
        String numbers = numbers(state);
        int room = look.columns() - 1 - 2; // a full line would make some terminals scroll
        if (numbers.length() > room) {
            String dense = plain(state).strip();
            return "  " + dense.substring(0, Math.min(dense.length(), room));
        }
        if (state.total() == UNKNOWN) {
            return "  " + numbers;
        }
        int cells = look.columns() - 1 - numbers.length() - 5;
        return cells < BAR_MIN ? "  " + numbers : "  " + bar(state.share(), cells, look) + " " + numbers;
    }

    /** Returns one line for a log. */
    static String plain(State state) {
        return "  " + numbers(state).strip().replaceAll(" {2,}", "  ");
    }

    private static String bar(double share, int cells, Look look) {
        int full = (int) (share * cells);
        String done = look.mark("█", "#").repeat(full);
        String rest = look.mark("░", "-").repeat(cells - full);
        String bar = look.good(done) + look.faint(rest);
        return look.unicode() ? " " + bar + " " : "[" + bar + "]";
    }

    // Fixed widths, so that nothing jumps while the numbers grow.
    private static String numbers(State state) {
        String done = Sizes.human(state.done());
        String rate = state.bytesPerSecond() < 1 ? "" : Sizes.human((long) state.bytesPerSecond()) + "/s";
        if (state.total() == UNKNOWN) {
            return String.format(Locale.ROOT, "%10s  %12s", done, rate).stripTrailing();
        }
        long left = state.secondsLeft();
        String eta = state.done() >= state.total() ? "done" : left == UNKNOWN ? "" : "ETA " + clock(left);
        String text = String.format(
                Locale.ROOT, "%3d%% %10s  %12s  %s", (int) (state.share() * 100), done, rate, pad(eta, 8));
        return text;
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /** Writes a time as {@code 0:07}, {@code 12:34}, {@code 1:02:03}. */
    static String clock(long seconds) {
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
