package io.dmio.app.serve;

import io.dmio.Sectors;
import io.dmio.app.cli.Sizes;

/** Finds how much memory the requests of clients may take, as far as the JVM has it: with a larger budget clients would be told ENOMEM. */
final class Budget {

    private static final int PAGES = 32_768;

    private Budget() {}

    /**
     * Returns the budget of a server.
     *
     * @param asked the pages that the user asks for; 0 for no wish
     * @param limitBytes the memory that the JVM may take beside its heap, of which devices need as much again
     * @return pages
     * @throws IllegalArgumentException if the JVM cannot hold what is asked for
     */
    static int pages(int asked, long limitBytes) {
        long most = Math.max(1, limitBytes / Sectors.PAGE_BYTES);
        if (asked > most) {
            throw new IllegalArgumentException("--budget: " + Sizes.human((long) asked * Sectors.PAGE_BYTES)
                    + " are more than the " + Sizes.human(limitBytes)
                    + " that this JVM may take beside its heap: ask for"
                    + " less, or give it more by DMIO_JAVA_OPTS=-XX:MaxDirectMemorySize=…");
        }
        return asked > 0 ? asked : (int) Math.max(1, Math.min(PAGES, most / 2));
    }
}
