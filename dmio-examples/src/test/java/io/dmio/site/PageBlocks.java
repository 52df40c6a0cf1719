package io.dmio.site;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlWriter;

/** What the site renders otherwise than commonmark does: listings, pictures, names of the API; comments are left out. */
final class PageBlocks implements NodeRenderer {

    private final HtmlNodeRendererContext context;
    private final PageText.Explained api;
    private final HtmlWriter html;

    PageBlocks(HtmlNodeRendererContext context, PageText.Explained api) {
        this.context = context;
        this.api = api;
        this.html = context.getWriter();
    }

    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
        return Set.of(FencedCodeBlock.class, IndentedCodeBlock.class, Code.class, HtmlBlock.class, HtmlInline.class);
    }

    @Override
    public void render(Node node) {
        if (node instanceof FencedCodeBlock block) {
            fenced(block.getInfo() == null ? "" : block.getInfo(), block.getLiteral());
        } else if (node instanceof IndentedCodeBlock block) {
            listing("", block.getLiteral());
        } else if (node instanceof Code code) {
            code(code);
        } else {
            comment(node instanceof HtmlBlock block ? block.getLiteral() : ((HtmlInline) node).getLiteral());
        }
    }

    private void fenced(String language, String text) {
        if (!Picture.isOne(language)) {
            listing(language, text);
            return;
        }
        Picture picture = Picture.of(text);
        html.line();
        html.raw("<figure class=\"picture\" tabindex=\"0\" role=\"group\" aria-label=\"" + Html.escaped(picture.title())
                + "\">");
        html.raw(Picture.svg(language, text));
        html.raw("<figcaption><b>" + Html.escaped(picture.title()) + ".</b> " + Html.escaped(picture.text())
                + "</figcaption></figure>");
        html.line();
    }

    private void listing(String language, String text) {
        html.line();
        html.raw("<pre tabindex=\"0\"><code>" + Colours.html(language, text) + "</code></pre>");
        html.line();
    }

    private void code(Code code) {
        Optional<String> place = inLink(code) ? Optional.empty() : api.place(code.getLiteral());
        place.ifPresent(to -> html.tag("a", Map.of("href", to, "class", "api")));
        html.tag("code", context.extendAttributes(code, "code", Map.of()));
        html.text(code.getLiteral());
        html.tag("/code");
        place.ifPresent(to -> html.tag("/a"));
    }

    private static boolean inLink(Node node) {
        for (Node up = node.getParent(); up != null; up = up.getParent()) {
            if (up instanceof Link || up instanceof Heading) {
                return true;
            }
        }
        return false;
    }

    private static void comment(String text) {
        if (!text.startsWith("<!--") || !text.strip().endsWith("-->")) {
            throw new IllegalArgumentException("pages have no HTML but comments: " + text);
        }
    }

    /** Tables scroll by themselves where they are wider than a phone, and a head without words is none. */
    static String tables(String html) {
        return html.replace("<table>", "<div class=\"table\" tabindex=\"0\"><table>")
                .replace("</table>", "</table></div>")
                .replace("<th></th>", "<td></td>");
    }
}
