package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearMissTest {

    private static final List<String> WORDS = List.of(
            "create",
            "status",
            "scan",
            "assemble",
            "resync",
            "scrub",
            "add",
            "remove",
            "replace",
            "split",
            "grow",
            "pause",
            "resume",
            "limit",
            "reload",
            "serve",
            "page",
            "config",
            "help");

    @ParameterizedTest
    @CsvSource({
        "stat, status",
        "statsu, status",
        "stauts, status",
        "Status, status",
        "res, resync resume",
        "re, resync remove replace resume reload",
        "resinc, resync",
        "sync, resync",
        "scurb, scrub",
        "srcub, scrub",
        "remvoe, remove",
        "ad, add",
        "serv, serve",
        "server, serve",
        "hlep, help",
        "halp, help",
        "repalce, replace",
        "limits, limit",
        "confg, config"
    })
    void aSlipIsTakenForTheWordThatItIsNearestTo(String given, String meant) {
        assertThat(NearMiss.of(given, WORDS)).isEqualTo(Arrays.asList(meant.split(" ", -1)));
    }

    @ParameterizedTest
    @CsvSource({"delete", "rm", "info", "list", "stop", "x", "r", "''", "bogus", "fail", "-a", "a.img", "/dev/sda"})
    void whatIsLikeNoWordIsTakenForNone(String given) {
        assertThat(NearMiss.of(given, WORDS)).isEmpty();
    }
}
