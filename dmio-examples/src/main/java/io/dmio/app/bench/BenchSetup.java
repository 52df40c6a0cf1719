package io.dmio.app.bench;

import io.dmio.app.measure.Timing;
import io.dmio.app.measure.Variant;
import java.util.List;

/**
 * A bench that is ready to run.
 *
 * @param place where the legs are, for people
 * @param legs opens them
 * @param engines the names of the engines that are measured
 * @param variants what is measured
 * @param timing how long and how often
 * @param notes what differs from what the user may expect
 */
record BenchSetup(
        String place,
        BenchLegs legs,
        List<String> engines,
        List<Variant> variants,
        Timing timing,
        List<String> notes) {}
