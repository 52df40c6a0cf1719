package io.dmio.mirror;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Whom a start may take the legs from: the owners that its first look finds. One of them that still runs may write its
 * mark once more over the new one, as it looked before that was there, or go on with legs that do not carry it. Then the
 * start tries again, and whoever else came meanwhile is no owner that may be ended.
 */
final class Takeover {

    private static final int TRIES_MAX = 3;

    private final boolean wanted;
    private final Set<UUID> owners = new HashSet<>();
    private int tries;
    private boolean named;
    private boolean resisted;

    Takeover(boolean wanted) {
        this.wanted = wanted;
    }

    /**
     * Begins a try.
     *
     * @param held the sights of owners that may be there
     * @param blind whether no leg could be read
     * @return whether the legs are taken from all of them
     */
    boolean begins(List<Sight> held, boolean blind) {
        resisted = false;
        tries++;
        boolean names = wanted && !named && !blind;
        named |= names;
        if (names) {
            held.stream().map(Sight::mark).filter(Objects::nonNull).forEach(this::add);
        }
        return wanted && (names || held.stream().allMatch(this::isFrom));
    }

    /** Takes note of a try's own mark, which may stay there: the next try ends its owner, too. */
    void tries(OwnerMark mine) {
        add(mine);
    }

    private void add(OwnerMark mark) {
        owners.add(mark.owner().id());
    }

    /** Whether it is a mark of one that the legs are taken from. */
    boolean isFrom(Sight sight) {
        OwnerMark mark = sight.mark();
        return mark != null && owners.contains(mark.owner().id());
    }

    /** Takes note of a mark for which the start is refused. */
    void refused(Sight sight) {
        resisted = isFrom(sight);
    }

    /** Takes note of a mark for which the start is refused, and which may have been there when its leg could not be read. */
    void refused(Sight sight, Sight before) {
        resisted = isFrom(sight) || (wanted && before.kind() == Sight.Kind.UNREADABLE);
    }

    /** Takes note that an owner that is to be ended goes on with legs that do not carry the new mark. */
    void outrun() {
        resisted = wanted;
    }

    /** Whether the start was refused only because of an owner that is to be ended: the next try may be quicker. */
    boolean mayTryAgain() {
        return resisted && tries < TRIES_MAX;
    }
}
