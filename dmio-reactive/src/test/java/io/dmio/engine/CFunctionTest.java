package io.dmio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dmio.Errno;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Functions of the C library answer like the kernel: by values of 32 and 64 bits, and by the errno of the thread that called. */
@EnabledOnOs(OS.LINUX)
class CFunctionTest {

    private static final int CALLS = 20_000;
    private static final long BEYOND_32_BITS = (3L << 32) + 5;

    private static final CFunction ABS = CFunction.ofInt("abs", CFunction.INT);
    private static final CFunction LABS = CFunction.ofLong("labs", CFunction.LONG);

    @TempDir
    private Path folder;

    @Test
    void anIntKeepsItsSign() {
        // The least int is its own absolute value: a failure by its sign, and not 2,147,483,648.
        assertThat(ABS.call(Integer.MIN_VALUE)).isNotPositive();
        assertThat(ABS.call(Integer.MIN_VALUE + 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(ABS.call(BEYOND_32_BITS))
                .as("what an int is given of a long")
                .isEqualTo(5);
    }

    @Test
    void aLongKeepsAllBits() {
        assertThat(LABS.call(-BEYOND_32_BITS)).isEqualTo(BEYOND_32_BITS);
        assertThat(LABS.call(Long.MIN_VALUE + 1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFunctionThatIsMissingIsNamed() {
        assertThatThrownBy(() -> CFunction.ofInt("statx_of_tomorrow", CFunction.INT))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessage("the C library has no statx_of_tomorrow");
    }

    @Test
    void whatFollowsTheDotsArrives() throws Exception {
        Path file = folder.resolve("made");
        ByteBuf path = Unpooled.directBuffer().writeBytes((file + "\0").getBytes(StandardCharsets.UTF_8));
        try {
            long fd = LibC.open(Addresses.of(path), LibC.O_CREAT | LibC.O_EXCL | LibC.O_RDWR, 0600);
            assertThat(fd).isNotNegative();
            assertThat(LibC.ftruncate((int) fd, BEYOND_32_BITS)).isZero();
            assertThat(LibC.lseek((int) fd, 0, LibC.SEEK_END)).isEqualTo(BEYOND_32_BITS);
            assertThat(LibC.close((int) fd)).isZero();
            assertThat(LibC.open(Addresses.of(path), LibC.O_CREAT | LibC.O_EXCL, 0600))
                    .isEqualTo(-Errno.EEXIST.number());
        } finally {
            path.release();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void eachThreadGetsTheErrnoOfItsOwnCall() throws Exception {
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            Callable<Boolean> closes = () -> alwaysFails(Errno.EBADF, () -> LibC.close(-1));
            Callable<Boolean> looks = () -> alwaysFails(Errno.EFAULT, () -> LibC.statx(-1, 0, 0, 0, 0));
            Callable<Boolean> seeks = () -> alwaysFails(Errno.EBADF, () -> LibC.lseek(-1, 0, LibC.SEEK_END));
            for (Future<Boolean> each : two.invokeAll(List.of(closes, looks, seeks))) {
                assertThat(each.get()).isTrue();
            }
        } finally {
            two.shutdown();
        }
    }

    private static boolean alwaysFails(Errno with, Callable<Long> call) throws Exception {
        for (int i = 0; i < CALLS; i++) {
            if (call.call() != -with.number()) {
                return false;
            }
        }
        return true;
    }
}
