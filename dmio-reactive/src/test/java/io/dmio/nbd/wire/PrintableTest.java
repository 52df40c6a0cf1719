package io.dmio.nbd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void nothingThatATerminalObeysIsLeft() {
        IntPredicate obeyed = at -> Character.isISOControl(at)
                || Character.getType(at) == Character.FORMAT
                || Character.getType(at) == Character.LINE_SEPARATOR
                || Character.getType(at) == Character.PARAGRAPH_SEPARATOR;
        for (int at = 0; at <= Character.MAX_CODE_POINT; at++) {
            String told = Wire.printable("a" + Character.toString(at) + "b");
            assertThat(told).startsWith("a").endsWith("b");
            assertThat(told.codePoints().anyMatch(obeyed)).as("U+%04X", at).isFalse();
        }
    }

    @Test
    void whatPeopleReadIsLeftAsItIs() {
        assertThat(Wire.printable("no export 'd\u00e9j\u00e0 \u4f60\u597d \ud83d\ude00'"))
                .isEqualTo("no export 'd\u00e9j\u00e0 \u4f60\u597d \ud83d\ude00'");
    }
}
