package io.dmio.app.serve;

import java.nio.file.Path;

/**
 * By which a server shows who it is; files in PEM.
 *
 * @param file of the certificate
 * @param key the certificate's
 */
public record ServerCertificate(Path file, Path key) {}
