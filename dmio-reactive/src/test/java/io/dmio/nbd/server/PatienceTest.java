package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {

    private static int looks(Patience patience, boolean waitedFor, Runnable before) {
        int looks = 0;
        do {
            before.run();
            looks++;
        } while (!patience.isOver(waitedFor) && looks < 1000);
        return looks;
    }

    @Test
    void whoSaysNothingHasHisTimeAndWhereOthersWaitATenthOfIt() {
        assertThat(looks(new Patience(), false, () -> {})).isEqualTo(Patience.LOOKS);
        assertThat(looks(new Patience(), true, () -> {})).isEqualTo(Patience.SILENT_LOOKS + 1);
    }

    @Test
    void whoSendsByteByByteHasNoMoreThanHisTimeAndWhereOthersWaitAQuarterOfIt() {
        Patience alone = new Patience();
        assertThat(looks(alone, false, alone::heard)).isEqualTo(Patience.LOOKS);
        Patience waitedFor = new Patience();
        assertThat(looks(waitedFor, true, waitedFor::heard)).isEqualTo(Patience.SLOW_LOOKS + 1);
    }

    @Test
    void whoGetsAnswersHasTimeForMore() {
        Patience patience = new Patience();
        assertThat(looks(patience, true, () -> {
                    patience.heard();
                    patience.answered();
                }))
                .isEqualTo(1000);
    }
}
