package io.dmio.handbook;

import java.util.ArrayList;
import java.util.List;

/**
 * A section of the handbook. What stands moved in by four and begins with {@code $} is run, and what follows it is what it says, where
 * {@code …} stands for anything. A comment that begins with {@code rehearsal} is run, too: it makes what the recipe is for.
 *
 * @param title of the section
 * @param steps in their order
 */
record Recipe(String title, List<Step> steps) {

    /**
     * Something that is run.
     *
     * @param command for the shell
     * @param says lines of its output
     * @param hidden whether readers do not see it, and its output is not compared
     */
    record Step(String command, List<String> says, boolean hidden) {}

    /** All sections of a page that have something to be run. */
    static List<Recipe> of(String page) {
        List<Recipe> all = new ArrayList<>();
        for (String section : page.split("(?m)^## ", -1)) {
            List<Step> steps = steps(section.lines().skip(1).toList());
            if (!steps.isEmpty()) {
                all.add(new Recipe(section.lines().findFirst().orElse(""), steps));
            }
        }
        return all;
    }

    private static List<Step> steps(List<String> lines) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("<!-- rehearsal")) {
                StringBuilder script = new StringBuilder();
                for (i++; !lines.get(i).startsWith("-->"); i++) {
                    script.append(lines.get(i)).append('\n');
                }
                steps.add(new Step(script.toString(), List.of(), true));
            } else if (line.startsWith("    $ ")) {
                StringBuilder command = new StringBuilder(line.substring(6));
                while (i + 1 < lines.size() && lines.get(i + 1).startsWith("    > ")) {
                    command.append('\n').append(lines.get(++i).substring(6));
                }
                List<String> says = new ArrayList<>();
                while (i + 1 < lines.size()
                        && lines.get(i + 1).startsWith("    ")
                        && !lines.get(i + 1).startsWith("    $ ")) {
                    says.add(lines.get(++i).substring(4));
                }
                steps.add(new Step(command.toString(), says, false));
            }
        }
        return steps;
    }

    @Override
    public String toString() {
        return title;
    }
}
