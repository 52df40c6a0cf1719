package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A leg that is out is replaced by what has come to its place. */
class ReplaceInPlaceTest extends ServedLegsFixture {

    @Test
    void whatIsAtThePlaceOfALegThatIsOutCanReplaceIt() throws Exception {
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            Files.delete(dir.resolve("b"));
            served.await("leg 1 is out: ESTALE: " + path("b"));
            assertThat(mirror("replace", "a", "--old", "1", "--new", "b"))
                    .as("a new file: " + err())
                    .isZero();
            assertThat(mirror("status", "a")).as(err()).isZero();
            Files.delete(dir.resolve("b"));
            served.await(" is out: ESTALE: " + path("b"));
            byte[] blank = file("b", (int) Files.size(dir.resolve("a")));
            served.await("is not taken back");
            assertThat(mirror("replace", "a", "--old", path("b"), "--new", "b"))
                    .as("a blank one: " + err())
                    .isZero();
            assertThat(read("b")).isNotEqualTo(blank);
            byte[] bytes = write("disk");
            served.end();
            assertThat(Arrays.copyOf(read("b"), bytes.length)).isEqualTo(bytes);
        }
        assertThat(mirror("scrub", "a", "b")).as(err()).isZero();
    }

    @Test
    void aReplaceThatIsRefusedLeavesTheLegInItsPlace() throws Exception {
        create("other");
        create("a", "b");
        try (ServedMirror served = serve("a", "b")) {
            move("b", "old");
            served.await("leg 1 is out: ESTALE: " + path("b"));
            byte[] other = read("other");
            move("other", "b");
            assertThat(mirror("replace", "a", "--old", "1", "--new", "b")).isOne();
            assertThat(err()).contains("is a leg of a mirror, which would be overwritten; use --force");
            assertThat(read("b")).isEqualTo(other);
            assertThat(mirror("scan", "b")).as(err()).isZero();
            assertThat(out()).contains("can be started: ").doesNotContain("is served");
            Files.delete(dir.resolve("b"));
            file("b", 1 << 20);
            assertThat(mirror("replace", "a", "--old", "1", "--new", "b", "--force"))
                    .isOne();
            assertThat(err()).contains("a leg of this mirror needs");
            Files.delete(dir.resolve("b"));
            move("old", "b");
            served.await("leg 1 (" + path("b") + ") is in sync");
            assertThat(mirror("status", "a")).as(err()).isZero();
            served.end();
        }
    }
}
