package io.dmio.app.bench;

import io.dmio.app.measure.Timing;
import io.dmio.app.measure.Variant;
import java.util.List;

/**
 * A bench that is ready to run.
 *
 * @param place where the legs are, for people
 * @param legs opens them
 * @param engines names of those that are measured
 * @param variants what is measured
 * @param timing how long and how often
 * @param notes what is other than the user may think
 */
record BenchSetup(
        String place,
        BenchLegs legs,
        List<String> engines,
        List<Variant> variants,
        Timing timing,
        List<String> notes) {}
