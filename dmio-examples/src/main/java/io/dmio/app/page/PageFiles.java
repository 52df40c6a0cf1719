package io.dmio.app.page;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The files of the page: those listed here and no others, whatever a path says. */
final class PageFiles {

    private static final Map<String, File> ALL = Map.of(
            "/", File.of("page.html", "text/html; charset=utf-8"),
            "/page.css", File.of("page.css", "text/css; charset=utf-8"),
            "/page.js", File.of("page.js", "text/javascript; charset=utf-8"),
            "/text.js", File.of("text.js", "text/javascript; charset=utf-8"),
            "/server.js", File.of("server.js", "text/javascript; charset=utf-8"),
            "/map.js", File.of("map.js", "text/javascript; charset=utf-8"),
            "/charts.js", File.of("charts.js", "text/javascript; charset=utf-8"),
            "/actions.js", File.of("actions.js", "text/javascript; charset=utf-8"),
            "/icon.svg", File.of("icon.svg", "image/svg+xml"));

    private PageFiles() {}

    /**
     * A file of the page.
     *
     * @param type the type for browsers
     * @param bytes the content, which nobody changes
     */
    @SuppressWarnings("ArrayRecordComponent") // is never compared
    record File(String type, byte[] bytes) {

        private static File of(String name, String type) {
            try (InputStream in = Objects.requireNonNull(PageFiles.class.getResourceAsStream(name), name)) {
                return new File(type, in.readAllBytes());
            } catch (IOException broken) {
                throw new IllegalStateException(name, broken);
            }
        }
    }

    static Optional<File> at(String path) {
        return Optional.ofNullable(ALL.get(path));
    }
}
