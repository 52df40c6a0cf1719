package io.dmio.app.serve;

import java.nio.file.Path;

/**
 * The certificate by which a server shows who it is; files in PEM.
 *
 * @param file the certificate's file
 * @param key the file of the certificate's key
 */
public record ServerCertificate(Path file, Path key) {}
