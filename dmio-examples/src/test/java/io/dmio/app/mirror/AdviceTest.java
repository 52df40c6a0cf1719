package io.dmio.app.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.DeviceException;
import io.dmio.Errno;
import io.dmio.mirror.MirrorRefusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdviceTest {

    @ParameterizedTest
    @EnumSource(MirrorRefusal.class)
    void whatMayBeOverruledNamesAnOptionOfTheCommandInsteadOfTheLibrarys(MirrorRefusal refusal) {
        DeviceException refused = DeviceException.of(Errno.EBUSY, "a", "is as it is", refusal);
        assertThat(Advice.of(refused).getMessage())
                .startsWith("EBUSY: a: is as it is: ")
                .contains("--")
                .doesNotContain(refusal.remedy());
    }

    @Test
    void whatMayNotIsToldAsItIs() {
        DeviceException refused = DeviceException.of(Errno.ENOSPC, "a", "is too small");
        assertThat(Advice.of(refused)).hasMessage("ENOSPC: a: is too small").hasCause(refused);
    }
}
