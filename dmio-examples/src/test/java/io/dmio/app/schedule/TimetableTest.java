package io.dmio.app.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Times pass by a scheduler whose clock begins on Thursday, the first of January 1970, at midnight in UTC. */
class TimetableTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<String> done = new ArrayList<>();

    private final Timetable.Work work = new Timetable.Work() {
        @Override
        public void limit(long bytesPerSecond) {
            done.add(now() + " limit " + bytesPerSecond);
        }

        @Override
        public void scrub(boolean repair) {
            done.add(now() + (repair ? " repair" : " scrub"));
        }
    };

    @AfterEach
    void over() {
        time.dispose();
    }

    private String now() {
        return Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS)).toString().substring(0, 16);
    }

    private static Plan plan(String scrubAt, boolean repair, String... windows) {
        return new Plan(
                scrubAt.isEmpty() ? Optional.empty() : Optional.of(WeeklyTime.parse(scrubAt)),
                repair,
                Arrays.stream(windows).map(RateWindow::parse).toList(),
                1000);
    }

    private Timetable start(Plan plan, ZoneId zone) {
        return new Timetable(plan, work, time, zone);
    }

    @Test
    void theLegsAreComparedOnceAWeekAtTheTime() {
        try (Timetable running = start(plan("Sun 03:00", false), ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofDays(17));
            assertThat(running).isNotNull();
        }
        assertThat(done)
                .containsExactly("1970-01-01T00:00 limit 1000", "1970-01-04T03:00 scrub", "1970-01-11T03:00 scrub");
        time.advanceTimeBy(Duration.ofDays(7));
        assertThat(done).as("closed").hasSize(3);
    }

    @Test
    void aTimeWithoutADayIsOfEachDayAndByTheClockOnTheWall() {
        try (Timetable running = start(plan("3:30", true), BERLIN)) {
            time.advanceTimeBy(Duration.ofHours(30));
            assertThat(running).isNotNull();
        }
        assertThat(done)
                .contains("1970-01-01T02:30 repair", "1970-01-02T02:30 repair")
                .hasSize(3);
    }

    @Test
    void theRateIsThatOfTheHourAlsoOverMidnight() {
        try (Timetable running = start(plan("", false, "08:00-18:00=20", "22:00-06:00=500"), ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofHours(23));
            assertThat(running).isNotNull();
        }
        assertThat(done)
                .containsExactly(
                        "1970-01-01T00:00 limit 500",
                        "1970-01-01T06:00 limit 1000",
                        "1970-01-01T08:00 limit 20",
                        "1970-01-01T18:00 limit 1000",
                        "1970-01-01T22:00 limit 500");
    }

    @Test
    void whatCameWhileTheMachineSleptIsDoneLateButOnce() {
        SleepyScheduler machine = new SleepyScheduler(time);
        try (Timetable running = new Timetable(plan("12:00", false), work, machine, ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofSeconds(15));
            machine.sleep(Duration.ofDays(2).plusHours(20)); // the clock goes on, and nothing else does
            time.advanceTimeBy(Duration.ofSeconds(60));
            assertThat(running).isNotNull();
        }
        assertThat(done).containsExactly("1970-01-01T00:00 limit 1000", "1970-01-01T00:00 scrub");
    }

    @Test
    void aClockThatWentWrongAtTheStartAndIsSetBackKeepsNoScrubAway() {
        SleepyScheduler machine = new SleepyScheduler(time);
        machine.sleep(Duration.ofDays(3650));
        try (Timetable running = new Timetable(plan("Sun 03:00", false), work, machine, ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofSeconds(15));
            machine.sleep(Duration.ofDays(-3650));
            time.advanceTimeBy(Duration.ofDays(7));
            assertThat(running).isNotNull();
        }
        assertThat(done).containsExactly("1970-01-01T00:00 limit 1000", "1970-01-04T03:00 scrub");
    }

    @Test
    void aClockThatIsSetBackALittleRepeatsNoScrub() {
        SleepyScheduler machine = new SleepyScheduler(time);
        try (Timetable running = new Timetable(plan("Sun 03:00", false), work, machine, ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofDays(3).plusHours(3).plusSeconds(15));
            machine.sleep(Duration.ofMinutes(-5));
            time.advanceTimeBy(Duration.ofDays(1));
            assertThat(running).isNotNull();
        }
        assertThat(done).containsExactly("1970-01-01T00:00 limit 1000", "1970-01-04T03:00 scrub");
    }

    @Test
    void anotherPlanHoldsFromThenOnWithItsRate() {
        try (Timetable running = start(plan("03:00", false, "02:00-04:00=7"), ZoneOffset.UTC)) {
            time.advanceTimeBy(Duration.ofHours(2));
            running.follow(plan("05:00", true));
            time.advanceTimeBy(Duration.ofHours(4));
        }
        assertThat(done)
                .containsExactly(
                        "1970-01-01T00:00 limit 1000",
                        "1970-01-01T02:00 limit 7",
                        "1970-01-01T02:00 limit 1000",
                        "1970-01-01T05:00 repair");
    }

    /** Whose clock jumps. */
    private static final class SleepyScheduler implements Scheduler {

        private final VirtualTimeScheduler time;
        private Duration slept = Duration.ZERO;

        SleepyScheduler(VirtualTimeScheduler time) {
            this.time = time;
        }

        void sleep(Duration howLong) {
            slept = slept.plus(howLong);
        }

        @Override
        public long now(TimeUnit unit) {
            return time.now(unit) + unit.convert(slept);
        }

        @Override
        public Disposable schedule(Runnable task) {
            return time.schedule(task);
        }

        @Override
        public Worker createWorker() {
            return time.createWorker();
        }
    }
}
