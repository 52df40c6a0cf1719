package io.dmio.app.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Finds the words that may have been meant by a word that is unknown. */
public final class NearMiss {

    private static final int PART_MIN = 2; // letters of a word that say which one it is
    private static final int LETTERS_A_SLIP = 3; // of which one may be wrong

    private NearMiss() {}

    /**
     * Looks for what is meant.
     *
     * @param given as it was typed
     * @param words the known words
     * @return the words that begin with it; else those with the fewest slips, if these are few for its length; else those that contain it; in
     *     their order, and none if it is like none of them
     */
    public static List<String> of(String given, Collection<String> words) {
        if (given.length() < PART_MIN) {
            return List.of();
        }
        List<String> longer =
                words.stream().filter(word -> word.startsWith(given)).toList();
        if (!longer.isEmpty()) {
            return longer;
        }
        int fewest = words.stream().mapToInt(word -> slips(given, word)).min().orElse(Integer.MAX_VALUE);
        List<String> alike = words.stream()
                .filter(word -> slips(given, word) == fewest && fewest <= slipsMax(given, word))
                .toList();
        return alike.isEmpty() && given.length() > LETTERS_A_SLIP
                ? words.stream().filter(word -> word.contains(given)).toList()
                : alike;
    }

    private static int slipsMax(String given, String word) {
        return (Math.min(given.length(), word.length()) + 1) / LETTERS_A_SLIP;
    }

    /** Returns the number of slips: letters that are wrong, missing or extra, or two that are swapped. */
    static int slips(String given, String word) {
        List<int[]> rows = new ArrayList<>(); // [i][j]: of the first i letters and the first j
        for (int i = 0; i <= given.length(); i++) {
            int[] row = new int[word.length() + 1];
            for (int j = 0; j < row.length; j++) {
                if (i == 0 || j == 0) {
                    row[j] = i + j;
                    continue;
                }
                int[] above = rows.get(i - 1);
                boolean same = given.charAt(i - 1) == word.charAt(j - 1);
                row[j] = Math.min(Math.min(above[j], row[j - 1]) + 1, above[j - 1] + (same ? 0 : 1));
                if (i > 1
                        && j > 1
                        && given.charAt(i - 1) == word.charAt(j - 2)
                        && given.charAt(i - 2) == word.charAt(j - 1)) {
                    row[j] = Math.min(row[j], rows.get(i - 2)[j - 2] + 1);
                }
            }
            rows.add(row);
        }
        return rows.get(given.length())[word.length()];
    }
}
