package io.dmio.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dmio.DeviceException;
import io.dmio.Sectors;
import io.dmio.fuzz.Draw;
import io.dmio.fuzz.FuzzCorpus;
import io.dmio.mirror.disk.LegLayout;
import io.dmio.mirror.disk.LegMarks;
import io.dmio.mirror.disk.LegRecord;
import io.dmio.mirror.disk.LegRecord.State;
import io.dmio.mirror.disk.Membership;
import io.dmio.mirror.disk.Planes;
import io.dmio.mirror.disk.Superblock;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes at all where a leg has its metadata: they give a value or a refusal that is foreseen. What was taken is written as it
 * was read. {@code docs/testing.md} tells how to look for more.
 */
class MetadataFuzzTest {

    private static final UUID MIRROR = new UUID(1, 2);
    private static final long SECTORS = 4096;
    private static final int CHUNKS_MAX = 40_000;

    static Stream<byte[]> superblocks() {
        return FuzzCorpus.seeds(MetadataFuzzTest.class, "superblocks");
    }

    static Stream<byte[]> bitmaps() {
        return FuzzCorpus.seeds(MetadataFuzzTest.class, "bitmaps");
    }

    static Stream<byte[]> legs() {
        return FuzzCorpus.seeds(MetadataFuzzTest.class, "legs");
    }

    @Test
    void everyInputThatWasKeptIsTaken() {
        FuzzCorpus.of(MetadataFuzzTest.class, "superblocks").forEach(this::aSuperblockIsAValueOrARefusal);
        FuzzCorpus.of(MetadataFuzzTest.class, "bitmaps").forEach(this::aBitmapIsTakenAsFarAsItProvesItself);
        FuzzCorpus.of(MetadataFuzzTest.class, "legs").forEach(this::legsAreAMirrorOrARefusal);
    }

    @MethodSource("superblocks")
    @FuzzTest(maxDuration = "")
    void aSuperblockIsAValueOrARefusal(byte[] input) {
        Draw draw = new Draw(input);
        long sectors = draw.oneIn(3) ? Math.abs(draw.number() >> 9) : SECTORS;
        List<byte[]> slots = List.of(slot(sectors, draw), draw.oneIn(2) ? slot(sectors, draw) : new byte[4096]);
        Superblock read;
        try {
            read = Superblock.newest("a.img", sectors, slots).superblock();
        } catch (DeviceException refused) {
            return;
        }
        byte[] written = read.encode();
        Superblock again = Superblock.newest("a.img", sectors, List.of(written, new byte[4096]))
                .superblock();
        assertThat(again).as(hex(input)).isEqualTo(read);
        assertThat(again.encode()).as(hex(input)).isEqualTo(written);
        assertThat(read.membership().chunkCount()).as(hex(input)).isPositive();
        Superblock next = new Superblock(read.membership().next(), read.index(), sectors);
        if (!Membership.counts(next.membership().generation())) {
            return; // 2^62: no mirror gets there
        }
        assertThat(Superblock.newest("a.img", sectors, List.of(written, next.encode()))
                        .superblock())
                .as("the next one is newer: %s", hex(input))
                .isEqualTo(next);
    }

    @MethodSource("bitmaps")
    @FuzzTest(maxDuration = "")
    void aBitmapIsTakenAsFarAsItProvesItself(byte[] input) {
        Draw draw = new Draw(input);
        int chunks = 1 + draw.below(draw.oneIn(4) ? CHUNKS_MAX : 5000);
        Planes planes = new Planes(MIRROR, chunks);
        int plane = draw.below(Planes.COUNT);
        int unit = draw.below(planes.units());
        for (int copies = draw.below(4); copies >= 0; copies--) {
            planes.decode(plane, unit, Unpooled.wrappedBuffer(unit(planes, plane, unit, draw)));
        }
        if (draw.oneIn(2)) {
            planes.setUnread();
        }
        writtenAsRead(planes, plane, unit, chunks);
        int chunk = unit * LegLayout.UNIT_CHUNKS + draw.below(LegLayout.UNIT_CHUNKS);
        if (chunk < chunks && planes.set(plane, chunk)) {
            writtenAsRead(planes, plane, unit, chunks);
        }
    }

    @MethodSource("legs")
    @FuzzTest(maxDuration = "")
    void legsAreAMirrorOrARefusal(byte[] input) {
        new LegsOfAnyBytes(new Draw(input)).run(hex(input));
    }

    private static void writtenAsRead(Planes planes, int plane, int unit, int chunks) {
        byte[] written = new byte[LegLayout.SLOT_BYTES];
        planes.nextBatch(0);
        planes.encode(plane, unit, Unpooled.wrappedBuffer(written));
        Planes read = new Planes(MIRROR, chunks);
        read.decode(plane, unit, Unpooled.wrappedBuffer(written));
        int end = Math.min((unit + 1) * LegLayout.UNIT_CHUNKS, chunks);
        for (int chunk = unit * LegLayout.UNIT_CHUNKS; chunk < end; chunk++) {
            if (read.get(plane, chunk) != planes.get(plane, chunk)) {
                throw new AssertionError("chunk " + chunk + " is written as " + read.get(plane, chunk));
            }
        }
    }

    private static byte[] unit(Planes planes, int plane, int unit, Draw draw) {
        byte[] bytes = new byte[LegLayout.SLOT_BYTES];
        planes.encode(plane, unit, Unpooled.wrappedBuffer(bytes));
        for (int changed = draw.below(4); changed > 0; changed--) {
            int place = draw.below(LegLayout.UNIT_SECTORS);
            byte[] sector = new byte[Sectors.BYTES];
            System.arraycopy(bytes, place * Sectors.BYTES, sector, 0, sector.length);
            MetadataEdits.sector(sector, MIRROR, plane, unit * LegLayout.UNIT_SECTORS + place, draw);
            System.arraycopy(sector, 0, bytes, place * Sectors.BYTES, sector.length);
        }
        return bytes;
    }

    private static byte[] slot(long sectors, Draw draw) {
        Membership membership = Membership.first(MIRROR, 42, Math.max(1, sectors / 2), 128, 1);
        for (int i = draw.below(4); i >= 0; i--) {
            LegMarks marks = draw.oneIn(2) ? LegMarks.NONE : new LegMarks(draw.number(), draw.number());
            membership = membership.with(
                    i, new LegRecord(new UUID(3, i), State.IN, draw.oneIn(2), marks, "leg-" + i + ".img"));
        }
        List<Long> history = new ArrayList<>();
        for (int i = draw.below(4); i > 0; i--) {
            history.add((long) i);
        }
        Membership whole = new Membership(
                MIRROR,
                draw.next(),
                42,
                history,
                membership.dataSectors(),
                128,
                0,
                1,
                draw.oneIn(2),
                false,
                membership.legs());
        byte[] slot = new Superblock(whole, 0, sectors).encode();
        MetadataEdits.slot(slot, draw);
        return slot;
    }

    private static String hex(byte[] input) {
        return HexFormat.of().formatHex(input);
    }
}
