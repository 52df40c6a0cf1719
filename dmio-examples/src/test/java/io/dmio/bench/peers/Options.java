package io.dmio.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the peers' run is asked for. */
record Options(List<Place> places, Effort effort, List<Workload> works, List<Variant> variants, Path report) {

    static final String USAGE = """
            Arguments of the peers' run:
              --target DIR     measure on files in this directory; may be repeated
              --loop DIR       measure on loop devices over files in this directory; needs root
              --rounds N       runs of each variant (3)
              --seconds S      measured time of a run (3)
              --warm-up S      time before it (10); on few cores a JVM compiles for most of that
              --leg-mib N      size of each of the three files (512)
              --work A,B       works by name; all by default:
                               %s
              --variant A,B    variants by name; all by default:
                               %s
              --report DIR     where the report goes (target/peers)
            """.formatted(
                    Workload.ALL.stream().map(Workload::name).toList(),
                    Arrays.stream(Variant.values()).map(Options::nameOf).toList());

    /** Where to measure. */
    record Place(Path directory, boolean loop) {}

    /** How long. */
    record Effort(int rounds, double warmUpSeconds, double seconds, long legBytes) {}

    /** Throws with the reason if they make no sense. */
    static Options parse(String... args) {
        List<Place> places = new ArrayList<>();
        Effort effort = new Effort(3, 10, 3, 512L << 20);
        List<Workload> works = Workload.ALL;
        List<Variant> variants = List.of(Variant.values());
        Path report = Path.of("target/peers");
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException("each option takes a value");
        }
        for (int i = 0; i < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--target" -> places.add(new Place(Path.of(value), false));
                case "--loop" -> places.add(new Place(Path.of(value), true));
                case "--work" ->
                    works = Arrays.stream(value.split(",")).map(Workload::named).toList();
                case "--variant" ->
                    variants = Arrays.stream(value.split(","))
                            .map(Options::variant)
                            .toList();
                case "--report" -> report = Path.of(value);
                default -> effort = with(effort, args[i], value);
            }
        }
        if (places.isEmpty()) {
            throw new IllegalArgumentException("give at least one --target or --loop");
        }
        return new Options(places, effort, works, variants, report);
    }

    private static Effort with(Effort e, String option, String value) {
        return switch (option) {
            case "--rounds" -> new Effort(Integer.parseInt(value), e.warmUpSeconds, e.seconds, e.legBytes);
            case "--seconds" -> new Effort(e.rounds, e.warmUpSeconds, Double.parseDouble(value), e.legBytes);
            case "--warm-up" -> new Effort(e.rounds, Double.parseDouble(value), e.seconds, e.legBytes);
            case "--leg-mib" -> new Effort(e.rounds, e.warmUpSeconds, e.seconds, Long.parseLong(value) << 20);
            default -> throw new IllegalArgumentException("no option " + option);
        };
    }

    private static Variant variant(String name) {
        return Arrays.stream(Variant.values())
                .filter(variant -> nameOf(variant).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no variant " + name));
    }

    private static String nameOf(Variant variant) {
        return variant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
