package io.dmio.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Pictures of text: what is drawn is what is written, and what cannot be drawn is refused. */
class PictureTest {

    private static final String HEAD = "title: A & B\ntext: One <two>.\n";

    private static Element drawn(String kind, String lines) throws Exception {
        InputSource svg = new InputSource(new StringReader(Picture.svg(kind, HEAD + lines)));
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(svg)
                .getDocumentElement();
    }

    private static List<String> texts(Element svg, String look) {
        NodeList all = svg.getElementsByTagName("text");
        return java.util.stream.IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .filter(text -> text.getAttribute("class").equals(look))
                .map(Element::getTextContent)
                .toList();
    }

    @Test
    void whatItShowsIsToldInWords() throws Exception {
        Element svg = drawn("layout", "a | 1 | b");
        assertThat(svg.getAttribute("role")).isEqualTo("img");
        assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("A & B");
        assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).isEqualTo("One <two>.");
    }

    @Test
    void timeGoesFromLeftToRight() throws Exception {
        Element svg = drawn("marble", "one two   w--b|\nrow         [=x=]~~X\n             note a  note b");
        assertThat(texts(svg, "name")).containsExactly("one two", "row");
        assertThat(texts(svg, "letter")).containsExactly("w", "b");
        assertThat(texts(svg, "inside")).containsExactly("x");
        assertThat(texts(svg, "note")).containsExactly("note a", "note b");
        assertThat(Picture.svg("marble", HEAD + "a  [=!")).contains("class=\"bar bad\"");
    }

    @Test
    void boxesAndWaysAreJoined() throws Exception {
        Element svg = drawn("boxes", "[a (more)]  [b]\n[c]\na -> b: to b\nb -> a: back\na -> c\nc -> a: up");
        assertThat(texts(svg, "name")).containsExactly("a", "b", "c");
        assertThat(texts(svg, "note")).contains("more", "to b", "back", "up");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "marble:a  Q",
                "marble:no row",
                "boxes:[a]\na -> b",
                "boxes:what",
                "layout:a | 1",
                "layout:a | b | c"
            })
    void whatCannotBeDrawnIsRefused(String picture) {
        String[] parts = picture.split(":", 2);
        assertThatThrownBy(() -> Picture.svg(parts[0], HEAD + parts[1])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPictureWithoutWordsIsRefused() throws IOException {
        assertThatThrownBy(() -> Picture.svg("layout", "title: a\na | 1 | b\nc | 1 | d"))
                .hasMessageContaining("a picture begins with");
    }
}
