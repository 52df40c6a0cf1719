package io.dmio.site;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Listings with their words told apart: comments, strings, annotations, and words of Java and Kotlin. */
final class Colours {

    private static final String WORDS =
            "abstract|assert|boolean|break|byte|case|catch|char|class|default|do|double|else|enum|exports|extends|final|finally|float|for|fun|if"
                    + "|implements|import|instanceof|int|interface|long|module|new|null|package|private|protected|public|record|requires"
                    + "|return|short|static|super|suspend|switch|synchronized|this|throw|throws|true|false|try|val|var|void|while";

    private static final Pattern TOKEN = Pattern.compile("(?<comment>//[^\n]*|(?s:/\\*.*?\\*/))"
            + "|(?<string>(?s:\"\"\".*?\"\"\")|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+')"
            + "|(?<annotation>@\\w+)"
            + "|(?<word>\\b(?:" + WORDS + ")\\b)");

    private static final List<String> KINDS = List.of("comment", "string", "annotation", "word");

    private Colours() {}

    static String html(String language, String code) {
        if (!language.equals("java") && !language.equals("kotlin")) {
            return Html.escaped(code);
        }
        StringBuilder html = new StringBuilder();
        Matcher token = TOKEN.matcher(code);
        int end = 0;
        while (token.find()) {
            html.append(Html.escaped(code.substring(end, token.start())));
            String kind = KINDS.stream()
                    .filter(name -> token.group(name) != null)
                    .findFirst()
                    .orElseThrow();
            html.append("<span class=\"").append(kind).append("\">");
            html.append(Html.escaped(token.group())).append("</span>");
            end = token.end();
        }
        return html.append(Html.escaped(code.substring(end))).toString();
    }
}
