/**
 * Tools to prove devices of your own, and to prove storage code of your own against power cuts.
 * {@link io.dmio.testkit.BlockDeviceContract} is what every device must do; {@link io.dmio.testkit.SimulatedDisk} is a disk
 * with a volatile cache, a power cord and a virtual clock, whose every history is one seed;
 * {@link io.dmio.testkit.ManualDevice} answers when a test says so. {@code docs/testing-your-own.md} shows how.
 *
 * <p>A jar of its own, as it needs JUnit, AssertJ and reactor-test. What it promises, it promises as the library does.
 */
@NullMarked
package io.dmio.testkit;

import org.jspecify.annotations.NullMarked;
