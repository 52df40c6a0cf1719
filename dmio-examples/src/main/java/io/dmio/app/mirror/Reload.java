package io.dmio.app.mirror;

import io.dmio.app.config.ConfigFile;
import io.dmio.app.control.Route;
import io.dmio.mirror.LegState;
import io.dmio.mirror.LegStatus;
import io.dmio.mirror.MirrorStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Reads again the file that a server was started with, while it serves. What can be applied at once is applied; for everything else it is
 * told where the file says it, and that a restart is needed. A wrong file changes nothing. Legs come and go only by commands, as a file does
 * not say whether what a disk holds may be overwritten.
 */
final class Reload {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");
    private static final Set<String> LIVE =
            Set.of("--rate", "--rate-at", "--scrub-at", "--scrub-repair", "--on-event", "--log-json");
    private static final String LEG = "--leg";

    private final ServeLine started;
    private final Supplier<ServeLine> reader;
    private final Consumer<Live> change;
    private final Supplier<Mono<MirrorStatus>> mirror;
    private ServeLine last; // guarded by this

    /**
     * @param started what the server runs with
     * @param reader reads the file as it is now
     * @param change applies everything that can be applied, or throws
     * @param mirror tells the mirror's legs
     */
    Reload(ServeLine started, Supplier<ServeLine> reader, Consumer<Live> change, Supplier<Mono<MirrorStatus>> mirror) {
        this.started = started;
        this.reader = reader;
        this.change = change;
        this.mirror = mirror;
        this.last = started;
    }

    /**
     * The outcome of a reload.
     *
     * @param applied the options that hold from now on, as the file names them
     * @param waiting what does not hold yet, with its place in the file
     */
    record Outcome(List<String> applied, List<String> waiting) {

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("done", true);
            json.put("applied", applied);
            json.put("waiting", waiting);
            return json;
        }
    }

    /** Returns the route by which a reload is asked for. */
    static Route route(Optional<Reload> file) {
        return Route.post(
                "/v1/reload",
                call -> Mono.fromCallable(() -> {
                            call.only();
                            return file.orElseThrow(() -> new IllegalArgumentException(
                                            "this server was started without --config: there is no file to read again"))
                                    .now()
                                    .json();
                        })
                        .subscribeOn(Schedulers.boundedElastic())); // it reads a file
    }

    /** Reloads because of a signal, so that only the log tells the outcome. */
    void asked() {
        try {
            now();
        } catch (RuntimeException told) {
            // in the log
        }
    }

    /**
     * Reads the file, and applies what can be applied; blocks.
     *
     * @throws RuntimeException if the file is wrong; the message says how, and nothing has changed then
     */
    synchronized Outcome now() {
        try {
            ServeLine wanted = reader.get();
            List<String> waiting = waiting(wanted);
            change.accept(wanted.command().live());
            List<String> applied = wanted.differences(last).stream()
                    .filter(LIVE::contains)
                    .map(ConfigFile::key)
                    .toList();
            last = wanted;
            tell(applied, waiting);
            return new Outcome(applied, waiting);
        } catch (RuntimeException wrong) {
            LOG.error("nothing has changed: {}", wrong.getMessage());
            throw wrong;
        }
    }

    private List<String> waiting(ServeLine wanted) {
        List<String> waiting = new ArrayList<>();
        wanted.differences(started).stream()
                .filter(name -> !LIVE.contains(name))
                .forEach(name -> waiting.add(atTheNextStart(name, wanted)));
        if (wanted.places().containsKey(LEG)) {
            legs(wanted).forEach(leg -> waiting.add(wanted.places().get(LEG) + ": " + leg));
        }
        return waiting;
    }

    private String atTheNextStart(String name, ServeLine wanted) {
        String place = wanted.places().get(name);
        return place != null
                ? place + ": " + ConfigFile.key(name) + ": holds from the next start on"
                : started.places().getOrDefault(name, "") + ": " + ConfigFile.key(name)
                        + ": is not there any more, and holds until the next start";
    }

    /** Returns the legs by which the file and the mirror differ. */
    private List<String> legs(ServeLine wanted) {
        List<LegStatus> now = Objects.requireNonNull(mirror.get().block()).legs();
        List<String> given = wanted.command().legs();
        List<String> news = new ArrayList<>();
        given.stream()
                .filter(leg -> now.stream().noneMatch(one -> isSame(leg, one)))
                .forEach(leg -> news.add("legs: " + leg + " is no leg: dmio mirror add or replace makes it one"));
        now.stream()
                .filter(one -> given.stream().noneMatch(leg -> isSame(leg, one)))
                .forEach(one -> news.add(
                        "legs: " + one.name() + " is a leg and not among them: dmio mirror remove takes it out"));
        return news;
    }

    private static boolean isSame(String leg, LegStatus one) {
        return Place.isSame(leg, one.name()) || (one.state() == LegState.MISSING && Place.mayBe(leg, one.name()));
    }

    private static void tell(List<String> applied, List<String> waiting) {
        LOG.info(
                "the file was read again: {}",
                applied.isEmpty() ? "nothing to apply" : String.join(", ", applied) + " from now on");
        waiting.forEach(LOG::warn);
    }
}
