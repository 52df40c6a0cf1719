package io.dmio.app.page;

import io.dmio.app.cli.FileId;
import io.dmio.app.cli.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The token that a request must have.
 *
 * @param text letters, digits, {@code -} and {@code _}
 */
record Token(String text) {

    private static final int BYTES = 32;
    private static final String UID = "unix:uid";
    private static final String SAFE = "[A-Za-z0-9_-]{16,256}";
    private static final Set<PosixFilePermission> MINE_ONLY = PosixFilePermissions.fromString("rw-------");

    /**
     * Reads the token of a file, which is created if it is not there; so the token stays the same from one start to the next.
     *
     * @throws IllegalArgumentException if the file cannot be read or created, if others may read it or created it, or if the token is easy to
     *     guess
     */
    static Token in(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            Set<PosixFilePermission> others = Files.getPosixFilePermissions(file);
            others.removeAll(MINE_ONLY);
            if (!others.isEmpty()) {
                throw new IllegalArgumentException(file + ": others may read it: chmod 600 " + file);
            }
            if (isOfSomebodyElse(file)) {
                throw new IllegalArgumentException(
                        file + ": belongs to somebody else, who knows it; without the file one is made");
            }
            String text = TextFile.read(file).strip();
            if (!text.matches(SAFE)) {
                throw new IllegalArgumentException(file
                        + ": is no token, which has 16 to 256 letters, digits, - and _; without the file one is made");
            }
            return new Token(text);
        } catch (IOException failure) {
            throw new IllegalArgumentException(file + ": " + FileId.reason(failure), failure);
        }
    }

    // A user who may put files into its directory could replace it anyway.
    private static boolean isOfSomebodyElse(Path file) throws IOException {
        Object owner = Files.getAttribute(file, UID);
        Path directory = Objects.requireNonNull(file.toRealPath().getParent());
        for (Path believed : List.of(Path.of("/proc/self"), Path.of("/"), directory)) {
            if (owner.equals(Files.getAttribute(believed, UID))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a given text is the token; takes equally long for any other text of its length. */
    boolean is(String given) {
        return MessageDigest.isEqual(text.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    // The file appears at once and complete, so that two servers that start have the same token.
    private static void make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        Path begun = Files.createTempFile(
                file.toAbsolutePath().getParent(), ".token", "", PosixFilePermissions.asFileAttribute(MINE_ONLY));
        try {
            Files.writeString(begun, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
            Files.createLink(file, begun);
        } catch (FileAlreadyExistsException another) {
            // that one is as good
        } finally {
            Files.delete(begun);
        }
    }

    @Override
    public String toString() {
        return "Token";
    }
}
