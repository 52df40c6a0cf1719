package io.dmio.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Reads small text files, as people write them. A path may lead to anything, such as a pipe that gives nothing, or an endless disk. */
public final class TextFile {

    private static final int BYTES_MAX = 1 << 20;

    private TextFile() {}

    /**
     * Reads a whole file.
     *
     * @param file a regular file of UTF-8, of at most 1 MiB
     * @return what it holds
     * @throws IOException if it is something else or cannot be read; {@link FileId#reason} says why
     */
    public static String read(Path file) throws IOException {
        BasicFileAttributes what = Files.readAttributes(file, BasicFileAttributes.class);
        if (!what.isRegularFile()) {
            throw refusal(file, what.isDirectory() ? "is a directory" : "is no regular file");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw refusal(file, "is longer than the " + (BYTES_MAX >> 20) + " MiB that it may have");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            throw refusal(file, "is no text in UTF-8");
        }
    }

    private static FileSystemException refusal(Path file, String why) {
        return new FileSystemException(file.toString(), null, why);
    }
}
