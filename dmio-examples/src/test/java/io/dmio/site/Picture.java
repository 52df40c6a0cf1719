package io.dmio.site;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A picture that a page draws with text, in a block whose language says how: {@code marble}, {@code boxes} or {@code layout}. It begins
 * with what it is called and what it shows in words, for those who do not see it:
 *
 * <pre>
 *     title: A write ends with its last region
 *     text: One write is sent to three regions at once. …
 * </pre>
 *
 * @param title one line
 * @param text whole sentences
 * @param lines the rest, without blank lines at either end
 */
record Picture(String title, String text, List<String> lines) {

    private static final Map<String, Function<Picture, String>> KINDS =
            Map.of("marble", MarblePicture::svg, "boxes", BoxPicture::svg, "layout", LayoutPicture::svg);

    static boolean isOne(String language) {
        return KINDS.containsKey(language);
    }

    /**
     * Draws it.
     *
     * @param language of the block
     * @param source what is in it
     * @return an SVG element
     */
    static String svg(String language, String source) {
        Function<Picture, String> kind = KINDS.get(language);
        if (kind == null) {
            throw new IllegalArgumentException("no kind of picture: " + language);
        }
        return kind.apply(of(source));
    }

    static Picture of(String source) {
        List<String> all = source.stripTrailing().lines().toList();
        if (all.size() < 3 || !all.get(0).startsWith("title: ") || !all.get(1).startsWith("text: ")) {
            throw new IllegalArgumentException(
                    "a picture begins with 'title: ' and 'text: ', and shows something:\n" + source);
        }
        return new Picture(
                all.get(0).substring("title: ".length()),
                all.get(1).substring("text: ".length()),
                all.subList(2, all.size()).stream().dropWhile(String::isBlank).toList());
    }
}
