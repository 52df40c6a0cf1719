package io.dmio.app.cli;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Translates names on the command line to the bytes that the file system has, whatever they are. A byte that is not a character is held in a
 * string as half of a surrogate pair, {@code U+DC80} to {@code U+DCFF}, which no text has (Python: surrogateescape).
 */
public final class FilePath {

    private static final char ESCAPE = 0xdc00;
    private static final int BYTES_MAX = 4095; // the longest path that the kernel takes

    private static final int HEX = 16;

    private FilePath() {}

    /**
     * Returns the path of a name; in UTF-8 if the locale has no characters for it.
     *
     * @throws IllegalArgumentException if there is none; the message says why
     */
    public static Path of(String given) {
        if (given.isEmpty()) {
            throw new IllegalArgumentException("the path is empty");
        }
        if (given.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a path has no byte 0");
        }
        if (given.codePoints().anyMatch(FilePath::isHalf)) { // the JDK would make it a question mark: another file
            throw new IllegalArgumentException("a path has no half of a character");
        }
        try {
            return given.chars().anyMatch(c -> isByte((char) c)) ? ofBytes(given) : Path.of(given);
        } catch (InvalidPathException otherwiseNamed) { // in the character set of this locale there is no such name
            return ofBytes(given);
        }
    }

    /** Returns the name of a file in its directory as a string from which {@link #of} makes the same bytes. */
    public static String name(Path file) {
        String uri = file.toUri().getRawPath(); // the only form in which the JDK gives bytes: what is no letter is %XX
        String name = uri.substring(uri.lastIndexOf('/') + 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < name.length(); at++) {
            boolean isByte = name.charAt(at) == '%';
            bytes.write(isByte ? Integer.parseInt(name.substring(at + 1, at + 3), HEX) : name.charAt(at));
            at += isByte ? 2 : 0;
        }
        return decode(bytes.toByteArray());
    }

    /** Returns bytes as a string from which {@link #of} makes the same bytes. */
    static String decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') < 0) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(bytes.length);
        int at = 0;
        while (at < bytes.length) {
            int length = characterBytes(bytes, at);
            if (length == 0) {
                escaped.append((char) (ESCAPE | (bytes[at] & 0xff)));
                at++;
            } else {
                escaped.append(new String(bytes, at, length, StandardCharsets.UTF_8));
                at += length;
            }
        }
        return escaped.toString();
    }

    /** Returns how many bytes from a place on are a character of UTF-8; 0 if they are not one. */
    private static int characterBytes(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (at + length > bytes.length) {
            return 0;
        }
        String one = new String(bytes, at, length, StandardCharsets.UTF_8);
        boolean isWhole = one.codePointCount(0, one.length()) == 1 && one.indexOf('\ufffd') < 0;
        return isWhole || isReplacement(bytes, at, length) ? length : 0;
    }

    private static boolean isReplacement(byte[] bytes, int at, int length) { // the character itself
        return length == 3 && bytes[at] == (byte) 0xef && bytes[at + 1] == (byte) 0xbf && bytes[at + 2] == (byte) 0xbd;
    }

    // The only form in which the JDK accepts bytes: each is %XX.
    private static Path ofBytes(String given) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < given.length(); ) {
            int c = given.codePointAt(at);
            if (c <= Character.MAX_VALUE && isByte((char) c)) {
                bytes.write(c & 0xff);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
            at += Character.charCount(c);
        }
        if (bytes.size() > BYTES_MAX) {
            throw new IllegalArgumentException("a path of " + bytes.size() + " bytes is too long");
        }
        StringBuilder uri = new StringBuilder(bytes.size() * 3);
        for (byte one : bytes.toByteArray()) {
            uri.append(one == '/' ? "/" : "%%%02X".formatted(one & 0xff));
        }
        String base = given.startsWith("/") ? "file://" : Path.of("").toUri().toString();
        return Path.of(URI.create((base.endsWith("/") || given.startsWith("/") ? base : base + "/") + uri));
    }

    private static boolean isHalf(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE && !isByte((char) point);
    }

    private static boolean isByte(char c) {
        return c >= (ESCAPE | 0x80) && c <= (ESCAPE | 0xff);
    }
}
