package io.dmio.app.mirror;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** What a server was asked to do lately, and the outcome: those who asked may not have waited for the end. */
final class WorkLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.dmio.app.mirror");
    private static final int KEPT = 20;

    private final Deque<Work> works = new ArrayDeque<>(); // guarded by this
    private long count; // guarded by this

    private record Work(long number, String what, Instant since, String state, String error) {

        Work over(String how, String why) {
            return new Work(number, what, since, how, why);
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("number", number);
            json.put("what", what);
            json.put("since", since.toString());
            json.put("state", state);
            if (!error.isEmpty()) {
                json.put("error", error);
            }
            return json;
        }
    }

    /**
     * Watches work, which is listed from its start on.
     *
     * @param what for people
     */
    <T> Mono<T> watched(String what, Mono<T> work) {
        return Mono.defer(() -> {
            long number = begun(what);
            return work.doOnSuccess(done -> over(number, "DONE", ""))
                    .doOnError(failure -> over(number, "FAILED", String.valueOf(failure.getMessage())))
                    .doOnCancel(() -> over(number, "STOPPED", ""));
        });
    }

    /** Returns the latest works, oldest first. */
    synchronized List<Map<String, Object>> json() {
        return works.stream().map(Work::json).toList();
    }

    private synchronized long begun(String what) {
        works.addLast(new Work(++count, what, Instant.now(), "RUNNING", ""));
        if (works.size() > KEPT) {
            works.stream()
                    .filter(one -> !one.state.equals("RUNNING"))
                    .findFirst()
                    .ifPresent(works::remove);
        }
        return count;
    }

    private void over(long number, String how, String why) {
        String what = ended(number, how, why);
        if (!why.isEmpty()) {
            LOG.warn("asked for: {}: {}", what, why);
        }
    }

    private synchronized String ended(long number, String how, String why) {
        List<Work> all = new ArrayList<>(works);
        all.replaceAll(one -> one.number == number ? one.over(how, why) : one);
        works.clear();
        works.addAll(all);
        return all.stream()
                .filter(one -> one.number == number)
                .map(Work::what)
                .findFirst()
                .orElse("");
    }
}
