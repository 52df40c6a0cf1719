package io.dmio.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FioTest {

    /** From fio 3.33, shortened. */
    private static final String REPORT = """
            fio: a warning goes before it
            {"fio version":"fio-3.33","jobs":[{"jobname":"bench","error":0,
             "read":{"io_bytes":0,"runtime":0,"total_ios":0,"lat_ns":{"max":0}},
             "write":{"io_bytes":153018368,"iops":37316.683317,"runtime":1001,"total_ios":37354,
              "clat_ns":{"max":3813640},
              "lat_ns":{"min":5731,"max":3815373,"mean":106186.034799,
               "percentile":{"50.000000":85504,"99.000000":411648,"99.900000":1417216}}},
             "job_runtime":1000,"usr_cpu":4.5,"sys_cpu":29.8}]}
            """;

    private final Fio fio = new Fio(
            Workload.named("random-4k-d32-3legs"),
            List.of(Path.of("/a"), Path.of("/b"), Path.of("/c")),
            new Fio.Window(1, 3));

    @Test
    void aReportGivesOperationsTimesAndTheProcessorTimeOfTheMeasuredShare() {
        Measured measured = fio.parse(REPORT, 4);
        assertThat(measured.legOps()).isEqualTo(37_354);
        assertThat(measured.requests()).isEqualTo(37_354 / 3);
        assertThat(measured.bytes()).isEqualTo(153_018_368);
        assertThat(measured.legOpsPerSecond()).isEqualTo(37_316.68, within(0.01));
        assertThat(measured.nanos()).isEqualTo(new Measured.Nanos(85_504, 411_648, 1_417_216, 3_815_373));
        assertThat(measured.cost().cpuMicrosPerLegOp()).isEqualTo(3e6 / 37_354, within(1e-6));
    }

    @Test
    void anErrorInTheReportIsAFailure() {
        String failed = REPORT.replace("\"error\":0", "\"error\":5");
        assertThatThrownBy(() -> fio.parse(failed, 1)).hasMessageContaining("error 5");
    }

    @Test
    void randomWorkIsOneJobWithAsManyOperationsInFlightAsOurs() {
        assertThat(fio.command(true))
                .contains("--iodepth=96", "--numjobs=1", "--filename=/a:/b:/c", "--rw=randwrite", "--bs=4096");
        assertThat(fio.command(false)).contains("--iodepth=1", "--numjobs=96", "--ioengine=psync");
    }

    @Test
    void sequentialWorkIsAJobForEachLeg() {
        List<String> command = new Fio(
                        Workload.named("sequential-1m-3legs"),
                        List.of(Path.of("/a"), Path.of("/b"), Path.of("/c")),
                        new Fio.Window(1, 3))
                .command(true);
        assertThat(command).contains("--iodepth=8", "--filename=/a", "--filename=/b", "--filename=/c", "--rw=write");
    }
}
