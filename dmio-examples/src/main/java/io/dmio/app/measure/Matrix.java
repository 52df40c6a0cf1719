package io.dmio.app.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * The variants of a run, as lists; every combination of their elements is measured.
 *
 * @param engines by name
 * @param legs counts
 * @param works what requests do
 * @param accesses where they go
 * @param blockBytes lengths
 * @param depths how many in flight
 */
public record Matrix(
        List<String> engines,
        List<Integer> legs,
        List<Workload> works,
        List<Access> accesses,
        List<Integer> blockBytes,
        List<Integer> depths) {

    /** The most bytes in flight in the large matrix; blocks and depths that would hold more are left out. */
    private static final long FULL_IN_FLIGHT_BYTES_MAX = 64L << 20;

    /**
     * Returns every combination once, in the order of a table: comparable variants together, depths in a row.
     *
     * @return the variants
     */
    public List<Variant> variants() {
        List<Variant> all = new ArrayList<>();
        for (Workload work : works) {
            for (Access access : accesses) {
                for (int count : legs) {
                    for (int block : blockBytes) {
                        addDepths(all, new Variant("", count, work, access, block, 1));
                    }
                }
            }
        }
        return all.stream().distinct().toList();
    }

    private void addDepths(List<Variant> all, Variant like) {
        for (String engine : engines) {
            for (int depth : depths) {
                all.add(new Variant(engine, like.legs(), like.work(), like.access(), like.blockBytes(), depth));
            }
        }
    }

    /**
     * Returns the variants of a first look: 4 KiB at random over three depths, the same to several legs at the deepest, and 1 MiB in
     * sequence.
     *
     * @param engines by name
     * @param works what requests do
     * @param legsMost how many legs there can be; 3 at most are used
     * @return the variants
     */
    public static List<Variant> quick(List<String> engines, List<Workload> works, int legsMost) {
        List<Variant> all = new ArrayList<>();
        List<Access> random = List.of(Access.RANDOM);
        for (Workload work : works) {
            List<Workload> one = List.of(work);
            all.addAll(new Matrix(engines, List.of(1), one, random, List.of(4096), List.of(1, 8, 32)).variants());
            if (legsMost > 1) {
                List<Integer> many = List.of(Math.min(3, legsMost));
                all.addAll(new Matrix(engines, many, one, random, List.of(4096), List.of(32)).variants());
            }
            all.addAll(new Matrix(engines, List.of(1), one, List.of(Access.SEQUENTIAL), List.of(1 << 20), List.of(8))
                    .variants());
        }
        return List.copyOf(all);
    }

    /**
     * Returns the matrix of a long look: reads and writes at random, three blocks, five depths, one leg and several.
     *
     * @param engines by name
     * @param legsMost how many legs there can be; 3 at most are used
     * @return the lists; {@link #bounded} drops what would hold too much memory
     */
    public static Matrix full(List<String> engines, int legsMost) {
        return new Matrix(
                engines,
                legsMost > 1 ? List.of(1, Math.min(3, legsMost)) : List.of(1),
                List.of(Workload.WRITE, Workload.READ),
                List.of(Access.RANDOM),
                List.of(4096, 65536, 1 << 20),
                List.of(1, 4, 16, 64, 256));
    }

    /**
     * Returns the combinations with at most 64 MiB in flight: a megabyte 256 times deep tells nothing that 64 times does not.
     *
     * @return the variants
     */
    public List<Variant> bounded() {
        return variants().stream()
                .filter(variant -> (long) variant.depth() * variant.blockBytes() <= FULL_IN_FLIGHT_BYTES_MAX)
                .toList();
    }
}
