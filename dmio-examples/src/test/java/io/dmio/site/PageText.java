package io.dmio.site;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** A page of Markdown as HTML, with its links led to where the site has what they are about. */
final class PageText {

    private static final List<Extension> EXTENSIONS =
            List.of(TablesExtension.create(), HeadingAnchorExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

    private final Node page;
    private final Api api;

    PageText(String markdown, UnaryOperator<String> links, Api api) {
        this.page = PARSER.parse(markdown);
        this.api = api;
        page.accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                link.setDestination(links.apply(link.getDestination()));
                visitChildren(link);
            }

            @Override
            public void visit(Image image) {
                image.setDestination(links.apply(image.getDestination()));
            }
        });
    }

    String html() {
        Set<String> explained = new HashSet<>();
        return HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .nodeRendererFactory(context ->
                        new PageBlocks(context, code -> api.place(code).filter(explained::add)))
                .build()
                .render(page)
                .transform(PageBlocks::tables);
    }

    /** Its first heading. */
    String title() {
        return headings(1).values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a page without a title"));
    }

    /** The text of its headings of one level, by their anchors. */
    Map<String, String> headings(int level) {
        IdGenerator ids = IdGenerator.builder().build();
        Map<String, String> all = new LinkedHashMap<>();
        page.accept(new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
                String text = words(heading);
                String id = ids.generateId(text);
                if (heading.getLevel() == level) {
                    all.put(id, text);
                }
            }
        });
        return all;
    }

    private static String words(Node node) {
        StringBuilder words = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text text) {
                words.append(text.getLiteral());
            }

            @Override
            public void visit(Code code) {
                words.append(code.getLiteral());
            }
        });
        return words.toString();
    }

    /** Where something that is mentioned is explained; each place once a page. */
    interface Explained {
        Optional<String> place(String code);
    }
}
