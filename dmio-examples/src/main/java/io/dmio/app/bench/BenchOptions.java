package io.dmio.app.bench;

import io.dmio.ErrorBits;
import io.dmio.app.cli.Engine;
import io.dmio.app.cli.Sizes;
import io.dmio.app.cli.Times;
import io.dmio.app.measure.Access;
import io.dmio.app.measure.Matrix;
import io.dmio.app.measure.Timing;
import io.dmio.app.measure.Variant;
import io.dmio.app.measure.Workload;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for what {@code dmio bench} measures, how long and how often. */
final class BenchOptions {

    private static final Timing QUICK = new Timing(Duration.ofMillis(500), Duration.ofMillis(300), 3);
    private static final Timing USUAL = new Timing(Duration.ofSeconds(1), Duration.ofSeconds(1), 3);

    private static final int READ_PERCENT = 70;

    @Option(
            names = "--engine",
            split = ",",
            paramLabel = "NAME[,NAME]",
            hideParamSyntax = true,
            description = "posix, uring, jdk, or several: posix,uring. Default: posix and uring, if they work here.")
    private List<EngineName> engines = List.of();

    @Option(
            names = "--work",
            split = ",",
            paramLabel = "WORK[,WORK]",
            hideParamSyntax = true,
            description = "write, read or mixed. Default: write. Reads take turns on the legs.")
    private List<Kind> kinds = List.of();

    @Option(
            names = "--reads",
            paramLabel = "PERCENT",
            description = "Share of reads in mixed work, 1 to 99, shown as 70/30. Default: 70.")
    private @Nullable Integer readPercent;

    @Option(
            names = "--access",
            split = ",",
            paramLabel = "WHERE",
            hideParamSyntax = true,
            description = "random, sequential, or both: random,sequential. Default: random.")
    private List<Access> accesses = List.of();

    @Option(
            names = "--legs",
            split = ",",
            paramLabel = "N[,N]",
            hideParamSyntax = true,
            description = "Legs of each write: 1,3. Default: 1, or all that --device names.")
    private List<Integer> legs = List.of();

    @Option(
            names = "--block",
            split = ",",
            paramLabel = "SIZE[,SIZE]",
            hideParamSyntax = true,
            converter = Block.class,
            description = "512 to 1M, in multiples of 512: 4k,64k. Default: 4k.")
    private List<Integer> blocks = List.of();

    @Option(
            names = "--depth",
            split = ",",
            paramLabel = "N[,N]",
            hideParamSyntax = true,
            description = "Requests in flight, 1 to 1024. Default: 1,8,32.")
    private List<Integer> depths = List.of();

    @Option(names = "--full", description = "The large matrix: reads and writes, three block sizes, five depths.")
    private boolean full;

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = Times.Converter.class,
            description = "Of each measurement: 200ms, 5s. Default: 300ms for the first look, else 1s.")
    private @Nullable Duration time;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            converter = Times.Converter.class,
            description = "Not counted, before a variant's first measurement. Default: 1s, 500ms for the first look.")
    private @Nullable Duration warmup;

    @Option(names = "--rounds", paramLabel = "N", description = "Measurements of each variant, in turn. Default: 3.")
    private @Nullable Integer rounds;

    /** The engines by their names. */
    enum EngineName {
        posix,
        uring,
        jdk
    }

    /** Kinds of work. */
    enum Kind {
        read,
        write,
        mixed
    }

    /**
     * Checks what can be checked without a disk.
     *
     * @throws IllegalArgumentException naming the first option that is impossible
     */
    void check() {
        depths.forEach(depth -> within("--depth", depth, Variant.DEPTH_MAX));
        legs.forEach(count -> within("--legs", count, ErrorBits.REGIONS_MAX));
        if (readPercent != null && !kinds.contains(Kind.mixed)) {
            throw new IllegalArgumentException("--reads " + readPercent + ": has no effect without --work mixed");
        }
        if (readPercent != null && (readPercent < 1 || readPercent > 99)) {
            throw new IllegalArgumentException("--reads " + readPercent + ": 1 to 99; use --work read or write else");
        }
        if (rounds != null) {
            within("--rounds", rounds, 1000);
        }
        timing();
    }

    private static void within(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(option + " " + value + ": 1 to " + max);
        }
    }

    /** Returns whether every engine that works is to be measured. */
    boolean allEngines() {
        return engines.isEmpty();
    }

    /**
     * Returns no engine, if there are only exports.
     *
     * @throws IllegalArgumentException if one was asked for
     */
    List<Engine> noEngines() {
        if (!engines.isEmpty()) {
            throw new IllegalArgumentException("--engine: NBD exports use none; leave it out, or measure a file");
        }
        return List.of();
    }

    /** Returns the engines asked for, or all that work here, the best first. */
    List<Engine> engines() {
        if (!engines.isEmpty()) {
            return engines.stream()
                    .distinct()
                    .map(name -> Engine.of(Engine.Wish.valueOf(name.name())))
                    .toList();
        }
        Engine best = Engine.of(Engine.Wish.best);
        return best.name().equals(EngineName.uring.name())
                ? List.of(best, Engine.of(Engine.Wish.posix))
                : List.of(best);
    }

    /** Returns whether only the first look was asked for. */
    boolean quick() {
        return !full && legs.isEmpty() && blocks.isEmpty() && depths.isEmpty() && accesses.isEmpty();
    }

    /**
     * Returns the variants.
     *
     * @param engineNames the names of the engines
     * @param place tells how many legs there can be
     */
    List<Variant> variants(List<String> engineNames, BenchPlace place) {
        int legsMost = place.legsMost();
        for (int count : legs) {
            if (count > legsMost) {
                throw new IllegalArgumentException("--legs " + count + ": only " + legsMost + " given by --device");
            }
        }
        if (quick()) {
            return Matrix.quick(engineNames, works(List.of(Workload.WRITE)), legsMost);
        }
        if (!full) {
            return new Matrix(
                            engineNames,
                            or(legs, List.of(place.legsUsual())),
                            works(List.of(Workload.WRITE)),
                            or(accesses, List.of(Access.RANDOM)),
                            or(blocks, List.of(4096)),
                            or(depths, List.of(1, 8, 32)))
                    .variants();
        }
        Matrix large = Matrix.full(engineNames, legsMost);
        Matrix asked = new Matrix(
                engineNames,
                or(legs, large.legs()),
                works(large.works()),
                or(accesses, large.accesses()),
                or(blocks, large.blockBytes()),
                or(depths, large.depths()));
        return asked.bounded();
    }

    /** Returns whether anything will be overwritten. */
    boolean writes() {
        return works(List.of(Workload.WRITE)).stream().anyMatch(Workload::writes);
    }

    Timing timing() {
        Timing usual = quick() ? QUICK : USUAL;
        return new Timing(
                warmup != null ? warmup : usual.warmup(),
                time != null ? time : usual.time(),
                rounds != null ? rounds : usual.rounds());
    }

    /** Returns what {@code --full} would do. */
    String fullWords(List<String> engineNames, int legsMost) {
        int variants = Matrix.full(engineNames, legsMost).bounded().size();
        return "--full measures " + variants + " variants in " + Times.about(USUAL.planned(variants));
    }

    private List<Workload> works(List<Workload> otherwise) {
        List<Workload> asked = kinds.stream()
                .distinct()
                .map(kind -> switch (kind) {
                    case read -> Workload.READ;
                    case write -> Workload.WRITE;
                    case mixed -> new Workload(readPercent == null ? READ_PERCENT : readPercent);
                })
                .toList();
        return or(asked, otherwise);
    }

    private static <T> List<T> or(List<T> asked, List<T> otherwise) {
        return asked.isEmpty() ? otherwise : asked;
    }

    /** Converts a block size; takes lower case, as other disk tools do. */
    static final class Block implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                long bytes = Sizes.parse(text);
                if (bytes < 512 || bytes > Variant.BLOCK_BYTES_MAX || bytes % 512 != 0) {
                    throw new IllegalArgumentException(
                            "'" + text + "' is not a block size: a multiple of 512 from 512 to 1M");
                }
                return (int) bytes;
            } catch (IllegalArgumentException bad) {
                throw new TypeConversionException(bad.getMessage());
            }
        }
    }
}
