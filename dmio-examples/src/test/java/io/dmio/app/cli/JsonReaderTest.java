package io.dmio.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1}}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":1.}",
                "{\"a\":tru}",
                "{\"a\":\"x}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":[1 2]}",
                "{a:1}",
                "{\"a\":1,\"a\":2}"
            })
    void whatIsNoneIsRefusedAndSaysWhere(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonReader.object(text))
                .withMessageMatching("(?s)no JSON: .*, at character \\d+");
    }

    @Test
    void nothingIsNestedSoDeepThatTheStackEnds() {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonReader.object("{\"a\":" + "[".repeat(100_000)));
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
