package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DeviceExceptionTest {

    private enum Why implements Reason {
        LOCKED;

        @Override
        public String remedy() {
            return "unlock it";
        }
    }

    @Test
    void aMessageIsTheNumbersTheDetailAndTheRemedy() {
        DeviceException range = DeviceException.of(Errno.EIO, "sda", BlockOp.Kind.WRITE, 8, 8, "worn out");
        assertThat(range).hasMessage("EIO: sda: write of sectors [8, 16): worn out");
        assertThat(range.detail()).isEqualTo("worn out");
        assertThat(range.reason()).isEmpty();
        DeviceException refusal = DeviceException.of(Errno.EACCES, "sda", "is locked", Why.LOCKED);
        assertThat(refusal).hasMessage("EACCES: sda: is locked: unlock it");
        assertThat(refusal.detail()).isEqualTo("is locked");
        assertThat(refusal.reason()).contains(Why.LOCKED);
    }

    @Test
    void withoutADetailTheErrnoIsExplained() {
        DeviceException flush = DeviceException.of(Errno.EIO, "sda", new BlockOp.Flush(), "");
        assertThat(flush).hasMessage("EIO: sda: flush: the device failed");
        assertThat(flush.detail()).isEqualTo("the device failed");
        assertThat(DeviceException.of(600, "sda", "").detail()).contains("600");
    }

    @Test
    void aRangeBeyondALongIsTold() {
        DeviceException beyond =
                DeviceException.of(Errno.EINVAL, "sda", BlockOp.Kind.READ, Long.MAX_VALUE, 1, "impossible");
        assertThat(beyond)
                .hasMessage("EINVAL: sda: read of sectors [9223372036854775807, 9223372036854775808): impossible");
    }

    @Test
    void itGoesOverAWire() throws IOException, ClassNotFoundException {
        DeviceException sent = DeviceException.of(Errno.EACCES, "sda", "is locked", Why.LOCKED);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(sent);
        }
        Object came = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertThat(came).isInstanceOfSatisfying(DeviceException.class, there -> {
            assertThat(there).hasMessage(Objects.requireNonNull(sent.getMessage()));
            assertThat(there.reason()).contains(Why.LOCKED);
        });
    }
}
