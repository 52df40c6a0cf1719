package io.dmio.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.Errno;
import io.dmio.Sectors;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A plan prints the code that makes it, which is compiled here. */
@ExtendWith(Seed.class)
class FaultCodeTest {

    private static final DeviceInfo DISK = DeviceInfo.of("disk", 1000, "memory");
    private static final long[] EDGES = {
        0, 1, 7, Integer.MAX_VALUE, Integer.MAX_VALUE + 1L, 3_000_000_000L, Sectors.MAX, Long.MAX_VALUE
    };
    private static final ByteBuf MEMORY = Unpooled.buffer(4096, 4096);

    private static long edge(SplittableRandom random, long least, long most) {
        long number = EDGES[random.nextInt(EDGES.length)];
        return number < least || number > most ? edge(random, least, most) : number;
    }

    private static <T> T one(T[] of, SplittableRandom random) {
        return of[random.nextInt(of.length)];
    }

    private static Duration time(SplittableRandom random) {
        return Duration.ofSeconds(edge(random, 1, Long.MAX_VALUE), random.nextInt(1_000_000_000));
    }

    private static Fault made(SplittableRandom random) {
        long sector = edge(random, 0, Sectors.MAX);
        long seed = random.nextLong();
        return switch (random.nextInt(11)) {
            case 0 -> Fault.errno(one(Errno.values(), random));
            case 1 -> Fault.delayed(time(random));
            case 2 -> Fault.stalled();
            case 3 -> Fault.dropped();
            case 4 -> Fault.torn(sector, Errno.EIO);
            case 5 -> Fault.tornUnnoticed(sector);
            case 6 -> Fault.tornAtRandom(seed, Errno.ENOSPC);
            case 7 -> Fault.flipped((int) edge(random, 0, Integer.MAX_VALUE));
            case 8 -> Fault.overwritten((int) edge(random, 0, Integer.MAX_VALUE), random.nextInt(256));
            case 9 -> Fault.misdirected((random.nextBoolean() ? 1 : -1) * edge(random, 0, Long.MAX_VALUE) - 1);
            default -> Fault.badSectors(sector, Sectors.MAX - sector, random.nextInt(3));
        };
    }

    private static Fault narrowed(Fault fault, SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> fault.on(one(BlockOp.Kind.values(), random), one(BlockOp.Kind.values(), random));
            case 1 -> fault.within(edge(random, 0, 7), edge(random, 1, 3_000_000_000L));
            case 2 -> fault.nth(edge(random, 1, Long.MAX_VALUE));
            case 3 -> fault.first(edge(random, 1, Long.MAX_VALUE));
            case 4 -> fault.after(edge(random, 0, Long.MAX_VALUE));
            case 5 -> fault.chance(random.nextDouble() / 1e9, random.nextLong());
            case 6 -> fault.upDown(edge(random, 0, Long.MAX_VALUE), edge(random, 1, Long.MAX_VALUE));
            default -> fault.upDown(time(random), time(random));
        };
    }

    private static FaultPlan plan(SplittableRandom random) {
        FaultPlan plan = FaultPlan.none();
        for (int faults = random.nextInt(3); faults >= 0; faults--) {
            Fault fault = made(random);
            for (int more = random.nextInt(3); more > 0; more--) {
                fault = narrowed(fault, random);
            }
            plan = plan.and(fault);
        }
        return plan;
    }

    private static List<BlockOp> ops() {
        return List.of(
                new BlockOp.Flush(),
                new BlockOp.Read(0, MEMORY),
                new BlockOp.Write(0, MEMORY, false),
                new BlockOp.Discard(7, 900),
                new BlockOp.WriteZeroes(1, 2));
    }

    private static List<Verdict> verdicts(FaultPlan plan) {
        FaultPlan.Run run = plan.start(DISK, () -> 0);
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ops().forEach(op -> verdicts.add(run.judge(op)));
        }
        return verdicts;
    }

    @Test
    void everyPlanPrintsTheCodeThatMakesIt(SplittableRandom random, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        List<FaultPlan> plans = new ArrayList<>(List.of(FaultPlan.none()));
        for (int i = 0; i < 300; i++) {
            plans.add(plan(random));
        }
        List<FaultPlan> again =
                compiled(directory, plans.stream().map(FaultPlan::toString).toList());
        for (int i = 0; i < plans.size(); i++) {
            assertThat(again.get(i)).hasToString(plans.get(i).toString());
            assertThat(verdicts(again.get(i))).as("%s", plans.get(i)).isEqualTo(verdicts(plans.get(i)));
        }
    }

    /** The right column of the table in {@link FaultPlan}. */
    @Test
    void theTableOfTheKernelsTargetsIsCode(@TempDir Path directory) throws IOException, ReflectiveOperationException {
        List<String> table = List.of(
                "Fault.errno(EIO)",
                "Fault.errno(EIO).within(sector, count)",
                "Fault.errno(EIO).upDown(up, down)",
                "Fault.errno(EIO).on(READ).upDown(up, down), Fault.errno(EIO).on(WRITE)",
                "Fault.dropped().upDown(up, down)",
                "Fault.overwritten(N - 1, V).on(READ).upDown(up, down)",
                "Fault.flippedAtRandom(seed).on(WRITE).chance(P / 1e9, seed)",
                "Fault.badSectors(B, count), Fault.badSectors(B, count, C)",
                "Fault.delayed(d).on(READ), Fault.delayed(d).on(WRITE), Fault.delayed(d).on(FLUSH)",
                "Fault.errno(EIO).chance(p, seed), Fault.errno(EIO).chance(p, seed).first(n)");
        String variables =
                "Duration up = Duration.ofSeconds(1), down = up, d = up; long sector = 8, count = 8, seed = 1,"
                        + " B = 8, n = 2; int N = 1, V = 255, C = 1, P = 5; double p = 0.5; return FaultPlan.of(";
        List<FaultPlan> plans = compiled(
                directory, table.stream().map(row -> variables + row + ")").toList());
        assertThat(plans).hasSameSizeAs(table);
    }

    @Test
    void eachFaultIsMadeForTheKindsThatItSays() {
        Set<BlockOp.Kind> all = EnumSet.allOf(BlockOp.Kind.class);
        Set<BlockOp.Kind> changes = EnumSet.of(BlockOp.Kind.WRITE, BlockOp.Kind.DISCARD, BlockOp.Kind.WRITE_ZEROES);
        Set<BlockOp.Kind> transfers = EnumSet.of(BlockOp.Kind.READ, BlockOp.Kind.WRITE);
        assertThat(struck(Fault.errno(Errno.EIO))).isEqualTo(all);
        assertThat(struck(Fault.delayed(Duration.ofNanos(1)))).isEqualTo(all);
        assertThat(struck(Fault.stalled())).isEqualTo(all);
        assertThat(struck(Fault.dropped())).isEqualTo(changes);
        assertThat(struck(Fault.torn(1, Errno.EIO))).isEqualTo(changes);
        assertThat(struck(Fault.tornUnnoticed(1))).isEqualTo(changes);
        assertThat(struck(Fault.tornAtRandom(1, Errno.EIO))).isEqualTo(changes);
        assertThat(struck(Fault.flipped(0))).isEqualTo(transfers);
        assertThat(struck(Fault.flippedAtRandom(0))).isEqualTo(transfers);
        assertThat(struck(Fault.overwritten(0, 1))).isEqualTo(transfers);
        assertThat(struck(Fault.misdirected(1))).isEqualTo(EnumSet.complementOf(EnumSet.of(BlockOp.Kind.FLUSH)));
        assertThat(struck(Fault.badSectors(0, 1000))).isEqualTo(EnumSet.of(BlockOp.Kind.READ));
        assertThat(struck(Fault.badSectors(0, 1000, 9))).isEqualTo(struck(Fault.misdirected(1)));
    }

    private static Set<BlockOp.Kind> struck(Fault fault) {
        Set<BlockOp.Kind> struck = EnumSet.noneOf(BlockOp.Kind.class);
        FaultPlan.Run run = FaultPlan.of(fault).start(DISK, () -> 0);
        ops().stream().filter(op -> !run.judge(op).equals(Verdict.PASS)).forEach(op -> struck.add(op.kind()));
        return struck;
    }

    /** The plans that expressions, or the ends of method bodies, make. */
    private static List<FaultPlan> compiled(Path directory, List<String> code)
            throws IOException, ReflectiveOperationException {
        StringBuilder source = new StringBuilder("import static io.dmio.BlockOp.Kind.*; import static io.dmio.Errno.*;"
                + " import io.dmio.device.*; import java.time.Duration; public class Plans {");
        for (int i = 0; i < code.size(); i++) {
            String body = code.get(i).contains("return") ? code.get(i) : "return " + code.get(i);
            source.append("public static FaultPlan plan")
                    .append(i)
                    .append("() {")
                    .append(body)
                    .append(";}\n");
        }
        Path file = Files.writeString(directory.resolve("Plans.java"), source.append('}'));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", directory.toString());
        boolean right = compiler.getTask(
                        messages,
                        null,
                        null,
                        options,
                        null,
                        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file))
                .call();
        assertThat(right).as("%s", messages).isTrue();
        List<FaultPlan> plans = new ArrayList<>();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            for (int i = 0; i < code.size(); i++) {
                Method method = loader.loadClass("Plans").getMethod("plan" + i);
                plans.add((FaultPlan) method.invoke(null));
            }
        }
        return plans;
    }
}
