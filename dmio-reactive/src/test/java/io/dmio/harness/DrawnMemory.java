package io.dmio.harness;

import io.dmio.BioVector;
import io.dmio.BioVectors;
import io.dmio.IoMemory;
import io.dmio.PageList;
import io.dmio.Sectors;
import io.dmio.VmBuffer;
import io.dmio.harness.AnyMemory.Drawn;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Memory of one of the three kinds over drawn buffers.
 *
 * @param memory as a request takes it
 * @param runs where its bytes are, in their order
 */
public record DrawnMemory(IoMemory memory, List<Run> runs) {

    /** Some bytes of a buffer. */
    public record Run(Drawn drawn, int from, int bytes) {}

    /** At least so many bytes, of any kind of memory over any kind of buffers. */
    public static DrawnMemory of(AnyMemory any, int bytes, boolean readOnly, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> vmBuffer(any.draw(bytes + random.nextInt(2) * random.nextInt(1000), readOnly));
            case 1 -> pageList(any, bytes, readOnly, random);
            default -> vectors(any, bytes, readOnly, random);
        };
    }

    private static DrawnMemory vmBuffer(Drawn drawn) {
        Run all = new Run(drawn, 0, drawn.buffer().capacity());
        return new DrawnMemory(VmBuffer.of(drawn.buffer()), List.of(all));
    }

    private static DrawnMemory pageList(AnyMemory any, int bytes, boolean readOnly, SplittableRandom random) {
        int offset = random.nextInt(8) * 512;
        List<ByteBuf> pages = new ArrayList<>();
        List<Run> runs = new ArrayList<>();
        for (long i = 0; i < Sectors.pagesOf((long) bytes + offset); i++) {
            Drawn page = any.draw(4096, readOnly);
            int skip = i == 0 ? offset : 0;
            pages.add(page.buffer());
            runs.add(new Run(page, skip, 4096 - skip));
        }
        return new DrawnMemory(PageList.of(pages, offset), runs);
    }

    private static DrawnMemory vectors(AnyMemory any, int bytes, boolean readOnly, SplittableRandom random) {
        List<BioVector> vectors = new ArrayList<>();
        List<Run> runs = new ArrayList<>();
        for (int done = 0; done < bytes; ) {
            int length = 512 * (1 + random.nextInt(9));
            int skip = random.nextInt(2) * random.nextInt(5000);
            Drawn drawn = any.draw(skip + length + random.nextInt(500), readOnly);
            vectors.add(new BioVector(drawn.buffer(), skip, length));
            runs.add(new Run(drawn, skip, length));
            done += length;
        }
        return new DrawnMemory(BioVectors.of(vectors), runs);
    }

    /** The bytes, as they are in the memory below. */
    public byte[] content() {
        byte[] all = new byte[(int) memory.bytes()];
        int done = 0;
        for (Run run : runs) {
            System.arraycopy(run.drawn.content(), run.from, all, done, run.bytes);
            done += run.bytes;
        }
        return all;
    }

    /** Notes that a read is to put this at the beginning. */
    public void expect(byte[] content) {
        int done = 0;
        for (Run run : runs) {
            int length = Math.min(run.bytes, content.length - done);
            if (length > 0) {
                run.drawn.expect(run.from, Arrays.copyOfRange(content, done, done + length));
                done += length;
            }
        }
    }
}
