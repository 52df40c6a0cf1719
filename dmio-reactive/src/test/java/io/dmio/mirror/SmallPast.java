package io.dmio.mirror;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A history that led to a state that none before it had led to. What has happened since a mirror runs is played again,
 * as it cannot be copied.
 *
 * @param last the event that it ends with; null of the beginning
 * @param before the history without it
 * @param image the world when no mirror ran last; null if there was one ever since
 * @param since what has happened since then
 * @param possible what can happen next
 */
record SmallPast(
        @Nullable SmallEvent last,
        @Nullable SmallPast before,
        @Nullable SmallImage image,
        List<SmallEvent> since,
        List<SmallEvent> possible) {

    /** The history and this event, which leads to that world. */
    SmallPast then(SmallEvent event, SmallWorld world) {
        boolean up = world.isUp();
        List<SmallEvent> again = new ArrayList<>();
        if (up) {
            again.addAll(since);
            again.add(event);
        }
        return new SmallPast(event, this, up ? image : SmallImage.of(world), again, world.possible());
    }

    @Override
    public String toString() {
        return before == null ? "made " + since : before + ", " + last;
    }
}
