package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one side writes the other reads as it was. */
class JsonReaderTest {

    private final Random random = new Random(25);

    @Test
    void whateverIsWrittenIsReadAsItWas() {
        for (int i = 0; i < 1000; i++) {
            Map<String, Object> written = object(3);
            assertThat(JsonReader.object(Json.of(written))).isEqualTo(written);
        }
    }

    @Test
    void blanksEscapesAndNullsAreRead() {
        assertThat(JsonReader.object(
                        " { \"a\\u00e4\\/\\n\" : [ 1 , -2.5e1, null, true ], \"n\": null,\r\n\t\"o\" : { } } "))
                .isEqualTo(Map.of("a\u00e4/\n", List.of(1L, -25.0, true), "o", Map.of()));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("", "no JSON at line 1, column 1: an object is expected"),
                arguments("[]", "no JSON at line 1, column 1: an object is expected"),
                arguments("{", "no JSON at line 1, column 2: it ends too early"),
                arguments("{\"a\"}", "no JSON at line 1, column 5: what stands there does not belong there"),
                arguments("{\"a\":}", "no JSON at line 1, column 6: what stands there does not belong there"),
                arguments("{\"a\":1,}", "no JSON at line 1, column 8: what stands there does not belong there"),
                arguments("{\"a\":1}}", "no JSON at line 1, column 8: what stands there does not belong there"),
                arguments("{\"a\":01}", "no JSON at line 1, column 7: what stands there does not belong there"),
                arguments("{\"a\":+1}", "no JSON at line 1, column 7: what stands there does not belong there"),
                arguments("{\"a\":1.}", "no JSON at line 1, column 7: what stands there does not belong there"),
                arguments("{\"a\":tru}", "no JSON at line 1, column 6: what stands there does not belong there"),
                arguments("{\"a\":\"x}", "no JSON at line 1, column 9: it ends too early"),
                arguments("{\"a\":\"\\x\"}", "no JSON at line 1, column 8: what stands there does not belong there"),
                arguments(
                        "{\"a\":\"\\u12g4\"}", "no JSON at line 1, column 11: what stands there does not belong there"),
                arguments("{\"a\":[1 2]}", "no JSON at line 1, column 9: what stands there does not belong there"),
                arguments("{a:1}", "no JSON at line 1, column 2: what stands there does not belong there"),
                arguments("{\"a\":1,\"a\":2}", "no JSON at line 1, column 8: \"a\" is there twice"),
                arguments("{\n  \"a\": null,\n  \"a\": 2\n}", "no JSON at line 3, column 3: \"a\" is there twice"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsNoneIsRefusedInOneSentenceThatSaysWhere(String text, String told) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonReader.object(text))
                .withMessage(told);
    }

    @Test
    void nothingIsNestedSoDeepThatTheStackEnds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonReader.object("{\"a\":" + "[".repeat(100_000)))
                .withMessageMatching("no JSON.*: it is nested too deep.*");
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.put(text(), value(depth));
        }
        return object;
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextDouble() * random.nextLong();
            case 2 -> text();
            case 3 -> random.nextBoolean();
            case 4 -> List.of(value(depth - 1), value(depth - 1));
            default -> object(depth - 1);
        };
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append((char) random.nextInt(random.nextBoolean() ? 128 : 0x10000));
        }
        return text.toString();
    }
}
