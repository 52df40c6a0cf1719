package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.kenai.jffi.MemoryIO;
import io.dmio.BlockOp;
import io.dmio.PagePool;
import io.dmio.Sectors;
import io.dmio.harness.AnyMemory;
import io.dmio.harness.AnyMemory.Drawn;
import io.dmio.testkit.Seed;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where the kernel is told to look for the bytes of an operation, for every kind of buffer that users hand over. */
@ExtendWith(Seed.class)
class SyscallMemoryTest {

    private static final MemoryIO NATIVE = MemoryIO.getInstance();
    private static final int BUFFERS = 2000;
    private static final int SECTORS_MAX = 20;
    private static final FileQuirks DIRECT = new FileQuirks(false, false, Sectors.BYTES);

    /** Memory as the kernel sees it. */
    private record Run(long address, int bytes) {
        byte[] content() {
            byte[] content = new byte[bytes];
            NATIVE.getByteArray(address, content, 0, bytes);
            return content;
        }

        boolean isAligned() {
            return (address | bytes) % Sectors.BYTES == 0;
        }
    }

    @Test
    void theKernelLooksWhereTheBytesAreAndAtNothingMisalignedThatWasTakenForAligned(SplittableRandom random) {
        int aligned = 0;
        int misaligned = 0;
        for (int i = 0; i < BUFFERS; i++) {
            try (AnyMemory any = new AnyMemory(random)) {
                Drawn drawn = any.draw(Sectors.BYTES * (1 + random.nextInt(SECTORS_MAX)), true);
                ByteBuf memory = drawn.buffer();
                if (!PagePool.isAligned(memory, 1)) {
                    continue; // of the heap, in part at least
                }
                List<Run> runs = runs(memory, random.nextBoolean());
                assertThat(joined(runs)).as("what the kernel sees of %s", drawn).isEqualTo(drawn.content());
                if (PagePool.isAligned(memory, Sectors.BYTES)) {
                    assertThat(runs).as("%s", drawn).allMatch(Run::isAligned);
                    aligned++;
                } else {
                    misaligned++;
                }
            }
        }
        assertThat(aligned).isGreaterThan(BUFFERS / 20);
        assertThat(misaligned).isGreaterThan(BUFFERS / 20);
    }

    private static List<Run> runs(ByteBuf memory, boolean fua) {
        SyscallSequence calls = new SyscallSequence(new BlockOp.Write(0, memory, fua), memory, DIRECT);
        try {
            if (calls.call() == SyscallSequence.Call.WRITE) {
                return List.of(new Run(calls.address(), (int) calls.length()));
            }
            List<Run> runs = new ArrayList<>();
            long end = calls.address() + (long) calls.count() * IoVectors.ENTRY_BYTES;
            for (long at = calls.address(); at < end; at += IoVectors.ENTRY_BYTES) {
                runs.add(new Run(NATIVE.getLong(at), (int) NATIVE.getLong(at + Long.BYTES)));
            }
            return runs;
        } finally {
            calls.release();
        }
    }

    private static byte[] joined(List<Run> runs) {
        byte[] all = new byte[runs.stream().mapToInt(Run::bytes).sum()];
        int done = 0;
        for (Run run : runs) {
            System.arraycopy(run.content(), 0, all, done, run.bytes());
            done += run.bytes();
        }
        return all;
    }
}
