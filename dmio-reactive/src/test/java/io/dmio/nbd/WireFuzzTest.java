package io.dmio.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dmio.fuzz.FuzzCorpus;
import io.dmio.nbd.client.ClientTranscripts;
import io.dmio.nbd.server.ServerTranscripts;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Anything at all, to each parser of the wire. A build replays the inputs that were found worth keeping ({@link FuzzCorpus});
 * {@code docs/testing.md} tells how to look for more. An input is the mode of the parser, how the stream is cut, and the stream.
 */
class WireFuzzTest {

    private static final int HEAD = 2;

    static Stream<byte[]> serverHandshakes() {
        return FuzzCorpus.seeds(WireFuzzTest.class, "server-handshake");
    }

    static Stream<byte[]> clientHandshakes() {
        return FuzzCorpus.seeds(WireFuzzTest.class, "client-handshake");
    }

    static Stream<byte[]> requests() {
        return FuzzCorpus.seeds(WireFuzzTest.class, "requests");
    }

    static Stream<byte[]> replies() {
        return FuzzCorpus.seeds(WireFuzzTest.class, "replies");
    }

    @Test
    void everyInputThatWasKeptIsTaken() {
        FuzzCorpus.of(WireFuzzTest.class, "server-handshake").forEach(this::aServersHandshakeTakesAnything);
        FuzzCorpus.of(WireFuzzTest.class, "client-handshake").forEach(this::aClientsHandshakeTakesAnything);
        FuzzCorpus.of(WireFuzzTest.class, "requests").forEach(this::aServerTakesAnythingForRequests);
        FuzzCorpus.of(WireFuzzTest.class, "replies").forEach(this::aClientTakesAnythingForReplies);
    }

    @MethodSource("serverHandshakes")
    @FuzzTest(maxDuration = "")
    void aServersHandshakeTakesAnything(byte[] input) {
        cutsDoNotMatter(input, ServerTranscripts::handshake);
    }

    @MethodSource("clientHandshakes")
    @FuzzTest(maxDuration = "")
    void aClientsHandshakeTakesAnything(byte[] input) {
        cutsDoNotMatter(input, ClientTranscripts::handshake);
    }

    @MethodSource("requests")
    @FuzzTest(maxDuration = "")
    void aServerTakesAnythingForRequests(byte[] input) {
        cutsDoNotMatter(input, ServerTranscripts::requests);
    }

    @MethodSource("replies")
    @FuzzTest(maxDuration = "")
    void aClientTakesAnythingForReplies(byte[] input) {
        cutsDoNotMatter(input, ClientTranscripts::replies);
    }

    private static void cutsDoNotMatter(byte[] input, BiFunction<Splits, Integer, String> parser) {
        if (input.length < HEAD) {
            return;
        }
        byte[] stream = Arrays.copyOfRange(input, HEAD, input.length);
        int mode = Byte.toUnsignedInt(input[0]);
        String whole = parser.apply(Splits.whole(stream), mode);
        String cut = parser.apply(new Splits(stream, 1 + Byte.toUnsignedInt(input[1])), mode);
        assertThat(cut).as(HexFormat.of().formatHex(input)).isEqualTo(whole);
    }
}
