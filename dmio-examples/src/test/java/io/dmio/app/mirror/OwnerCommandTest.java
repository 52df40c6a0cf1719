package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.app.CommandLineFixture;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.mirror.MirrorDevice;
import io.dmio.mirror.MirrorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What commands say of whoever has a mirror open, and how it is taken over. */
class OwnerCommandTest extends CommandLineFixture {

    private static final int LEG_BYTES = 4 << 20;

    @Test
    void whatAnotherLeftOpenIsToldAndTakenOver() throws IOException {
        file("a", LEG_BYTES);
        file("b", LEG_BYTES);
        List<BlockDevice> legs = new ArrayList<>();
        for (String leg : List.of("a", "b")) {
            legs.add(IoEngines.posix()
                    .open(Path.of(path(leg)), OpenOptions.readWrite())
                    .block());
        }
        MirrorDevice killed = MirrorDevice.create(
                        legs, MirrorOptions.builder().equalAlready(true).build())
                .block();
        legs.forEach(leg -> leg.close().block());
        dmio("mirror", "status", "--json", "a", "b");
        assertThat(out()).contains("\"owner\":{").contains("\"open\":true");
        dmio("mirror", "assemble", "--takeover", "a", "b");
        assertThat(err()).isEmpty();
        assertThat(dmio("mirror", "status", "--json", "a", "b")).as(err()).isZero();
        assertThat(out()).contains("\"open\":false");
        Objects.requireNonNull(killed).close().onErrorComplete().block();
    }
}
