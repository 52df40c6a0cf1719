package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.test.util.RaceTestUtils;

class PlacesTest {

    @Test
    void whoComesBeyondTheLimitWaitsForHisTurn() {
        Places places = new Places(2);
        List<Integer> in = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int who = i;
            places.enter(() -> in.add(who));
        }
        assertThat(in).containsExactly(0, 1);
        assertThat(places.isWaitedFor()).isTrue();
        places.leave();
        places.leave();
        assertThat(in).containsExactly(0, 1, 2, 3);
        places.leave();
        assertThat(places.isWaitedFor()).isFalse();
        places.leave();
        places.leave();
        assertThat(places.taken()).isZero();
    }

    @Test
    void neverAreMoreInThanThereArePlacesWhoeverComesAndGoes() {
        for (int round = 0; round < 2000; round++) {
            Places places = new Places(1);
            AtomicInteger in = new AtomicInteger();
            AtomicInteger served = new AtomicInteger();
            Runnable client = () -> places.enter(() -> {
                assertThat(in.incrementAndGet()).isEqualTo(1);
                served.incrementAndGet();
                in.decrementAndGet();
                places.leave();
            });
            RaceTestUtils.race(client, client, client);
            assertThat(served).hasValue(3);
            assertThat(places.taken()).isZero();
        }
    }
}
