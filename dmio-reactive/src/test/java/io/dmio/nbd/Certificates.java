package io.dmio.nbd;

import java.nio.file.Path;

/** Certificates that sign themselves, for two days. */
final class Certificates {

    private Certificates() {}

    /** Makes {@code name.pem} for a host, and {@code name.key}. */
    static void make(Path directory, String name, String host) {
        Tool.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + host,
                "-addext",
                "subjectAltName=DNS:" + host,
                "-keyout",
                directory.resolve(name + ".key").toString(),
                "-out",
                directory.resolve(name + ".pem").toString());
    }
}
