package io.dmio.app.measure;

/** The places that requests go to. */
public enum Access {
    /** Anywhere, each block as likely as any other. */
    RANDOM("random", "rand"),
    /** One block after the other, from the start again after the end. */
    SEQUENTIAL("sequential", "seq");

    private final String word;
    private final String brief;

    Access(String word, String brief) {
        this.word = word;
        this.brief = brief;
    }

    /**
     * Returns a word for narrow columns.
     *
     * @return {@code rand} or {@code seq}
     */
    public String brief() {
        return brief;
    }

    @Override
    public String toString() {
        return word;
    }
}
