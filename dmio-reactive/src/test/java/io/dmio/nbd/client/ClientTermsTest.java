package io.dmio.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.Wire;
import org.junit.jupiter.api.Test;

class ClientTermsTest {

    private static final int FLAGS = Wire.HAS_FLAGS | Wire.SEND_FLUSH | Wire.SEND_FUA | Wire.SEND_TRIM;

    private static ClientTerms found(long bytes, int flags) {
        return new ClientTerms(bytes, flags, 512, 1 << 20, ReplyFormat.SIMPLE, -1, null);
    }

    @Test
    void whatNobodyWasPromisedMayChange() {
        ClientTerms before = found(1 << 20, FLAGS);
        assertThat(found(1 << 20, FLAGS | Wire.SEND_CACHE | Wire.SEND_DF | Wire.CAN_MULTI_CONN)
                        .lacks(before))
                .isEmpty();
        assertThat(new ClientTerms(1 << 20, FLAGS, 1, 32 << 20, ReplyFormat.EXTENDED, 3, null).lacks(before))
                .isEmpty();
        assertThat(found(1 << 20, FLAGS).lacks(found(1 << 20, FLAGS | Wire.SEND_DF)))
                .isEmpty();
    }

    @Test
    void whatWasPromisedMustBeThereStill() {
        ClientTerms before = found(1 << 20, FLAGS);
        assertThat(found(2 << 20, FLAGS).lacks(before)).contains("2097152 bytes");
        assertThat(found(1 << 20, FLAGS | Wire.READ_ONLY).lacks(before)).contains("read-only");
        assertThat(found(1 << 20, FLAGS & ~Wire.SEND_TRIM).lacks(before)).contains("less");
        assertThat(new ClientTerms(1 << 20, FLAGS, 4096, 1 << 20, ReplyFormat.SIMPLE, -1, null).lacks(before))
                .contains("requests");
        assertThat(found(1 << 20, FLAGS).lacks(found(1 << 20, FLAGS | Wire.CAN_MULTI_CONN)))
                .contains("less");
    }
}
