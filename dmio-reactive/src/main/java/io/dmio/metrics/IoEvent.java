package io.dmio.metrics;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * One operation of a {@link MeteredDevice} in a flight recording, {@code dmio.Io}: from subscribe to answer. Off by default;
 * {@code jcmd PID JFR.start dmio.Io#enabled=true} turns it on in a running program, and {@code dmio.Io#threshold=10ms} keeps only the slow
 * ones.
 */
@Name("dmio.Io")
@Label("Device I/O")
@Category("dmio")
@Description("One operation of a block device, from subscribe to answer")
@Enabled(false)
@StackTrace(false)
final class IoEvent extends Event {

    @Label("Device")
    final String device;

    @Label("Operation")
    final String kind;

    @Label("Sector")
    final long sector;

    @Label("Bytes")
    @DataAmount
    final long bytes;

    @Label("Result")
    @Description("OK, an errno, or CANCELLED")
    String result = "";

    IoEvent(String device, BlockOp op) {
        this.device = device;
        this.kind = op.kind().words();
        this.sector = op.sector();
        this.bytes = Sectors.toBytes(op.sectorCount());
    }
}
