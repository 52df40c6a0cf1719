package io.dmio.app.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ScheduleOptionsTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Plan plan(String... words) {
        ScheduleOptions options = new ScheduleOptions();
        new CommandLine(options).parseArgs(words);
        return options.plan();
    }

    @ParameterizedTest
    @CsvSource({
        "Sun 03:00, 2026-03-27T00:00, 2026-03-29T03:00",
        "sunday 3:00, 2026-03-29T03:00, 2026-04-05T03:00", // strictly after
        "02:30, 2026-03-29T00:00, 2026-03-29T03:30", // the clocks are put forward over it
        "02:30, 2026-10-25T02:30, 2026-10-26T02:30", // and back: it comes once
        "Mon 00:00, 2026-12-31T23:59, 2027-01-04T00:00"
    })
    void aTimeOfTheWeekComesNext(String time, LocalDateTime after, LocalDateTime next) {
        ZonedDateTime from = ZonedDateTime.of(after, BERLIN);
        assertThat(WeeklyTime.parse(time).next(from)).isEqualTo(ZonedDateTime.of(next, BERLIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sun", "Sun 25:00", "Sunn 03:00", "Sun 03:00 weekly", "noon"})
    void whatIsNoTimeIsRefusedWithWhatWouldBeRight(String time) {
        assertThatThrownBy(() -> plan("--scrub-at=" + time)).hasMessageContaining("write Sun 03:00, or 03:00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "8-18",
                "08:00-18:00",
                "08:00=5M",
                "08:00-08:00=5M",
                "08:00-18:00=fast",
                "a-b=1M",
                "24:00-06:00=1M",
                "00:00-24:00=1M"
            })
    void whatIsNoWindowIsRefused(String window) {
        assertThatThrownBy(() -> plan("--rate-at=" + window)).isInstanceOf(CommandLine.ParameterException.class);
    }

    @Test
    void windowsHoldInsideThemAndTheUsualRateElse() {
        Plan plan = plan("--rate=1M", "--rate-at=08:00-18:00=2M", "--rate-at=22:00-06:00=3M");
        assertThat(plan.rateAt(LocalTime.of(7, 59))).isEqualTo(1 << 20);
        assertThat(plan.rateAt(LocalTime.of(8, 0))).isEqualTo(2 << 20);
        assertThat(plan.rateAt(LocalTime.of(18, 0))).isEqualTo(1 << 20);
        assertThat(plan.rateAt(LocalTime.MIDNIGHT)).isEqualTo(3 << 20);
    }

    @Test
    void aWindowMayEndWithTheDay() {
        Plan plan = plan("--rate=1M", "--rate-at=18:00-24:00=2M", "--rate-at=00:00-06:00=3M");
        assertThat(plan.rateAt(LocalTime.of(17, 59))).isEqualTo(1 << 20);
        assertThat(plan.rateAt(LocalTime.of(23, 59, 59))).isEqualTo(2 << 20);
        assertThat(plan.rateAt(LocalTime.MIDNIGHT)).isEqualTo(3 << 20);
        assertThat(plan.rateAt(LocalTime.of(6, 0))).isEqualTo(1 << 20);
    }

    @Test
    void windowsThatOverlapAndARepairThatNeverComesAreRefused() {
        assertThatThrownBy(() -> plan("--rate-at=08:00-18:00=2M", "--rate-at=17:59-19:00=3M"))
                .hasMessageContaining("17:59-19:00: overlaps 08:00-18:00");
        assertThatThrownBy(() -> plan("--rate-at=22:00-06:00=2M", "--rate-at=05:00-07:00=3M"))
                .hasMessageContaining("overlaps");
        assertThatThrownBy(() -> plan("--scrub-repair")).hasMessageContaining("--scrub-at");
    }
}
