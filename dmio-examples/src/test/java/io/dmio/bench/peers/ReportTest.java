package io.dmio.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {

    private final Series series = new Series(Workload.named("random-4k-d32-3legs"));

    private static Measured of(long legOps) {
        return new Measured(
                legOps / 3,
                legOps,
                legOps * 4096,
                2,
                new Measured.Cost(4.5, 493, 104 << 20),
                new Measured.Nanos(2_600, 10_000, 20_000, 30_000));
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Runs.of(4, 1, 3, 2)).isEqualTo(new Runs(2.5, 1, 4));
        assertThat(Runs.of(9, 1, 3)).isEqualTo(new Runs(3, 1, 9));
        assertThat(Runs.of(3).ratioTo(Runs.of(4))).isEqualTo(0.75);
        assertThatThrownBy(Runs::of).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void figuresSurviveTheLineOfJson() {
        assertThat(Measured.ofJson(of(300).toJson())).isEqualTo(of(300));
    }

    @Test
    void ratiosAreToTheFasterFioAndToTheFastestPeerWithDirectIo() {
        series.add(Variant.FIO_URING, of(800));
        series.add(Variant.FIO_PSYNC, of(400));
        series.add(Variant.DMIO_URING, of(600));
        series.add(Variant.ASYNCHRONOUS, of(300));
        series.add(Variant.VERTX, of(1200)); // through the page cache: not the same work
        assertThat(Report.section(series, "chart.svg"))
                .contains("| dmio uring | 300 | 300 to 300 | 1 | 0.75 | 2.00 |")
                .contains("| Vert.x AsyncFile (page cache) | 600 | 600 to 600 | 2 | – | – |")
                .contains("| fio psync | 200 | 200 to 200 | 1 | 0.50 | – |");
    }

    @Test
    void aVariantThatFailedOnceHasAReasonAndNoRow() {
        series.add(Variant.FIO_URING, of(800));
        series.add(Variant.JASYNCFIO, of(800));
        series.refuse(Variant.JASYNCFIO, "no such | ring");
        assertThat(Report.section(series, "chart.svg"))
                .contains("Does not run: jasyncfio: no such \\| ring")
                .doesNotContain("| jasyncfio |");
        assertThat(Report.chart("tmpfs", series)).doesNotContain("jasyncfio");
    }

    @Test
    void aRunInWhichFioAloneDiffersIsLoud() {
        series.add(Variant.FIO_URING, of(800));
        assertThat(Report.section(series, "chart.svg")).contains("Nobody knows how quiet it was");
        Quietness quietness = new Quietness();
        quietness.saw(1_000);
        quietness.saw(1_150);
        series.measuredWhile(quietness);
        assertThat(Report.section(series, "chart.svg"))
                .contains("Quiet: fio alone, before and after: 1,000 to 1,150 leg operations/s, 1.15.");
        assertThat(Report.chart("tmpfs", series)).doesNotContain("loud");
        quietness.saw(1_151);
        assertThat(Report.section(series, "chart.svg")).contains("**Loud: not to be kept.** fio alone");
        assertThat(Report.chart("tmpfs", series)).contains("tmpfs, loud");
    }

    @Test
    void aWorkIsDrawnFromItsName() {
        assertThat(Workload.named("random-64k-d8-2legs"))
                .isEqualTo(new Workload("random-64k-d8-2legs", 64 << 10, 2, 8, true, false));
        assertThat(Workload.named("read-sequential-1m-d8-1leg"))
                .isEqualTo(new Workload("read-sequential-1m-d8-1leg", 1 << 20, 1, 8, false, true));
        for (String wrong : List.of("random-4k-d0-1leg", "random-4k-d1-4legs", "random-0k-d1-1leg")) {
            assertThatThrownBy(() -> Workload.named(wrong)).hasMessageContaining(wrong);
        }
    }

    @Test
    void aChartIsWellFormedAndHasABarForEachVariant() throws Exception {
        series.add(Variant.FIO_URING, of(800));
        series.add(Variant.FIO_URING, of(900));
        series.add(Variant.DMIO_URING, of(600));
        Document chart = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(Report.chart("<ext4> & more", series))));
        assertThat(chart.getElementsByTagName("rect").getLength()).isEqualTo(3); // the ground and two bars
        assertThat(chart.getElementsByTagName("path").getLength()).isEqualTo(2);
        assertThat(chart.getDocumentElement().getTextContent())
                .contains("<ext4> & more", "425 · 1.00 of fio", "300 · 0.71 of fio");
    }

    @Test
    void optionsThatMakeNoSenseSayWhatWould() {
        assertThatThrownBy(() -> Options.parse("--rounds", "3")).hasMessageContaining("--target");
        assertThatThrownBy(() -> Options.parse("--target", "/x", "--work", "y"))
                .hasMessageContaining("read-4k-d32-1leg");
        Options options = Options.parse("--target", "/x", "--loop", "/y", "--variant", "dmio-uring,fio-psync");
        assertThat(options.variants()).isEqualTo(List.of(Variant.DMIO_URING, Variant.FIO_PSYNC));
        assertThat(options.places()).hasSize(2);
    }
}
