package io.dmio.nbd;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Percent-encoding of UTF-8, as RFC 3986 has it. Not the JDK's, which composes decomposed letters, takes what is no UTF-8 for another
 * letter, and looks for separators in what it has decoded.
 */
final class Percent {

    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private static final int ESCAPE_CHARS = 3;
    private static final int RADIX = 16;

    private Percent() {}

    /** Whether a text has an encoding: half of a character has none. */
    static boolean canEncode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /**
     * Encodes everything but letters, digits, {@code -._~} and some more.
     *
     * @param as they are
     */
    static String encode(String text, String as) {
        StringBuilder out = new StringBuilder(text.length());
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (one & 0xff);
            if (UNRESERVED.indexOf(letter) >= 0 || as.indexOf(letter) >= 0) {
                out.append(letter);
            } else {
                out.append('%').append(hex(one >> 4)).append(hex(one));
            }
        }
        return out.toString();
    }

    /**
     * Decodes; what is not encoded stands for itself.
     *
     * @throws IllegalArgumentException if an escape is cut off or wrong, the bytes are no UTF-8, or half of a character is there
     */
    static String decode(String text) {
        if (!canEncode(text)) {
            throw new IllegalArgumentException("'" + text + "' has half of a character");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int at = 0; at < text.length(); ) {
            int letter = text.codePointAt(at);
            if (letter == '%') {
                bytes.write(escaped(text, at));
                at += ESCAPE_CHARS;
            } else {
                byte[] plain = Character.toString(letter).getBytes(StandardCharsets.UTF_8);
                bytes.write(plain, 0, plain.length);
                at += Character.charCount(letter);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException none) {
            throw new IllegalArgumentException("'" + text + "' is no UTF-8", none);
        }
    }

    private static int escaped(String text, int at) {
        int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), RADIX) : -1;
        int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), RADIX) : -1;
        if (high < 0 || low < 0) {
            throw new IllegalArgumentException("in '" + text + "' no two digits follow a %; the sign itself is %25");
        }
        return high << 4 | low;
    }

    private static char hex(int number) {
        return Character.toUpperCase(Character.forDigit(number & 0xf, RADIX));
    }
}
