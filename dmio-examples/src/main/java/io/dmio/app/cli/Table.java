package io.dmio.app.cli;

import java.util.ArrayList;
import java.util.List;

/** Formats words and numbers in columns: words to the left, numbers to the right, each column as wide as its longest cell. */
public final class Table {

    private static final String GAP = "  ";
    private static final String CUT = "..";

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A column.
     *
     * @param heading one line or two
     * @param number whether it is set to the right
     */
    public record Column(String heading, boolean number) {
        public static Column ofWords(String heading) {
            return new Column(heading, false);
        }

        public static Column ofNumbers(String heading) {
            return new Column(heading, true);
        }

        /** Returns the first line of the heading; empty if it has only one, which is the second then. */
        String upper() {
            return heading.contains("\n") ? heading.substring(0, heading.indexOf('\n')) : "";
        }

        String lower() {
            return heading.substring(heading.indexOf('\n') + 1);
        }
    }

    public Table(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Adds a row. The last cell of a row with fewer cells than columns is a text that runs across the other columns. */
    public void add(List<String> cells) {
        rows.add(cells.stream().map(OneLine::of).toList());
    }

    /**
     * As {@link #lines()}, but no wider than a terminal: a cell of the last column that is too long loses its beginning, as the end of a path
     * says more.
     *
     * @param columnsMax the width of the terminal
     */
    public List<String> lines(int columnsMax) {
        int last = columns.size() - 1;
        int before = 0;
        for (int i = 0; i < last; i++) {
            before += width(i) + GAP.length();
        }
        int room = Math.max(columns.get(last).lower().length(), columnsMax - before);
        Table narrow = new Table(columns);
        for (List<String> row : rows) {
            List<String> cells = new ArrayList<>(row);
            String end = row.get(row.size() - 1);
            if (row.size() == columns.size() && end.length() > room) {
                cells.set(last, CUT + end.substring(end.length() - room + CUT.length()));
            }
            narrow.add(cells);
        }
        return narrow.lines();
    }

    /** Returns the headings, then the rows, without spaces at the ends. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (columns.stream().anyMatch(column -> !column.upper().isEmpty())) {
            lines.add(line(columns.stream().map(Column::upper).toList()));
        }
        lines.add(line(columns.stream().map(Column::lower).toList()));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            boolean across = cells.size() < columns.size() && i == cells.size() - 1;
            String spaces = across ? "" : " ".repeat(width(i) - cells.get(i).length());
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).number() && !across ? spaces + cells.get(i) : cells.get(i) + spaces);
        }
        return line.toString().stripTrailing();
    }

    private int width(int index) {
        Column column = columns.get(index);
        int heading = Math.max(column.upper().length(), column.lower().length());
        return rows.stream()
                .filter(row -> row.size() == columns.size() || index < row.size() - 1)
                .mapToInt(row -> row.get(index).length())
                .reduce(heading, Math::max);
    }
}
