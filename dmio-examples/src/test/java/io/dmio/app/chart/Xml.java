package io.dmio.app.chart;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Reads pictures back. */
public final class Xml {

    private Xml() {}

    /** Fails if it is not well-formed. */
    public static Document parse(String text) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(text)));
        } catch (SAXException | IOException | ParserConfigurationException bad) {
            throw new AssertionError(text, bad);
        }
    }

    /** How many elements of a name have exactly these classes. */
    public static long classes(Document document, String name, String classes) {
        return elements(document, name)
                .filter(element -> element.getAttribute("class").equals(classes))
                .count();
    }

    /** What all text elements say. */
    public static List<String> texts(Document document) {
        return elements(document, "text").map(Element::getTextContent).toList();
    }

    /** All elements of a name. */
    public static Stream<Element> elements(Document document, String name) {
        NodeList list = document.getElementsByTagName(name);
        return IntStream.range(0, list.getLength()).mapToObj(i -> (Element) list.item(i));
    }
}
