package io.dmio.fuzz;

/** What changes sectors, as the model sees it: it lands some time between its start and its end, or, if it failed, perhaps not. */
final class Written {

    private static final int NEVER = Integer.MAX_VALUE;

    private final long sector;
    private final long count;
    private final Content content;
    private final int start;
    private int end = NEVER;
    private boolean sure;

    Written(long sector, long count, Content content, int start) {
        this.sector = sector;
        this.count = count;
        this.content = content;
        this.start = start;
    }

    /** It has ended. */
    void end(int now, boolean done) {
        end = now;
        sure = done;
    }

    boolean covers(long one) {
        return one >= sector && one < sector + count;
    }

    long sector() {
        return sector;
    }

    Content content() {
        return content;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    boolean isSure() {
        return sure;
    }

    @Override
    public String toString() {
        return "[" + sector + ", " + (sector + count) + ") from " + start + " to " + (end == NEVER ? "now" : end)
                + (sure ? "" : ", perhaps");
    }
}
