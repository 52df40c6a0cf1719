package io.dmio.mirror;

import io.dmio.BlockOp;
import io.dmio.Sectors;
import io.dmio.testkit.SimulatedDisk;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * What would be if the power went now, while the history goes on as if nobody had asked. Copies of the disks, with a clock of
 * their own, start as a mirror without an operator's word: some of them, others after the next power cut, and all of them in
 * the end. The first that start hold what they may; whoever starts later holds that, and the forced writes since then.
 */
final class WhatIf {

    private static final int STARTS = 3;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int ALL_BYTES = SimulatedMachine.DATA_SECTORS * Sectors.BYTES;

    private final SimulatedMachine machine;
    private final SplittableRandom random;

    WhatIf(SimulatedMachine machine) {
        this.machine = machine;
        this.random = new SplittableRandom(machine.seed ^ 0x5eed);
    }

    /** Asks in one of so many cases, or not. */
    void ask(int cases) {
        if (random.nextInt(cases) == 0) {
            new World().run();
        }
    }

    /** One answer. */
    private final class World {
        private final VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        private final List<SimulatedDisk> disks = new ArrayList<>();
        private final StringBuilder story = new StringBuilder("if the power went");
        private byte @Nullable [] held;
        private boolean isKnown = true; // a write that was not answered may be there or not

        World() {
            for (SimulatedLeg leg : machine.legs) {
                SimulatedDisk disk = new SimulatedDisk(leg.disk().info(), random.split(), clock);
                disk.exchange(leg.disk().contentIfCut(random));
                disks.add(disk);
            }
        }

        void run() {
            int all = (1 << disks.size()) - 1;
            try {
                for (int start = 1; start < STARTS && isKnown && random.nextInt(3) > 0; start++) {
                    play(random.nextInt(1, all + 1), false);
                }
                if (isKnown) {
                    play(all, true);
                }
            } finally {
                clock.dispose();
            }
        }

        private void play(int mask, boolean last) {
            List<SimulatedDisk> these = new ArrayList<>();
            for (int i = 0; i < disks.size(); i++) {
                if ((mask >> i & 1) != 0) {
                    these.add(disks.get(i));
                }
            }
            MirrorDevice mirror = open(these);
            if (mirror != null) {
                story.append(", and ").append(these).append(" started");
                holdsWhatItMay(mirror);
                if (last) {
                    comesIntoSync(mirror);
                } else {
                    force(mirror);
                    pass(random.nextInt(4) * SECOND / 10);
                }
                mirror.mirror().abandon();
            }
            disks.forEach(disk -> {
                disk.cutPower();
                disk.powerOn();
            });
        }

        private @Nullable MirrorDevice open(List<SimulatedDisk> these) {
            MirrorOptions.Builder options = machine.options().clock(() -> clock).settings(small -> {
                small.ids = () -> new UUID(random.nextLong(), random.nextLong());
                small.ownerMarks = false;
                small.made = crash -> {};
            });
            MirrorDevice[] started = new MirrorDevice[1];
            List<Kept> devices =
                    these.stream().map(Kept::new).toList(); // of a new boot: what was not answered is forgotten
            MirrorDevice.open(devices, options.build()).subscribe(mirror -> started[0] = mirror, refused -> {});
            pass(2 * SECOND);
            return started[0];
        }

        private void holdsWhatItMay(MirrorDevice mirror) {
            byte[] before = held;
            byte[] now = readAll(mirror);
            if (before == null) {
                String wrong = machine.model.check(machine.model.readingAfterCut(), now);
                require(wrong.isEmpty(), wrong);
            } else {
                int at = Arrays.mismatch(before, now);
                require(at < 0, "sector " + at / Sectors.BYTES + " changed");
            }
            held = now;
        }

        private byte[] readAll(MirrorDevice mirror) {
            int step = Math.min(ALL_BYTES, mirror.info().transferBytesMax());
            ByteBuf memory = Unpooled.directBuffer(ALL_BYTES);
            int[] read = new int[1];
            for (int at = 0; at < ALL_BYTES; at += step) {
                int count = Math.min(step, ALL_BYTES - at);
                mirror.submit(new BlockOp.Read(at / Sectors.BYTES, memory.slice(at, count)))
                        .subscribe(never -> {}, failed -> {}, () -> read[0] += count);
                pass(SECOND / 5);
            }
            byte[] bytes = new byte[ALL_BYTES];
            memory.getBytes(0, bytes);
            memory.release();
            require(read[0] == ALL_BYTES, "it cannot be read");
            return bytes;
        }

        private void force(MirrorDevice mirror) {
            byte[] after = held;
            int sector = random.nextInt(SimulatedMachine.DATA_SECTORS);
            if (after != null) {
                byte[] bytes = new byte[Sectors.BYTES];
                Arrays.fill(bytes, (byte) random.nextInt());
                boolean[] done = new boolean[1];
                mirror.submit(new BlockOp.Write(sector, Unpooled.wrappedBuffer(bytes), true))
                        .subscribe(never -> {}, failed -> {}, () -> done[0] = true);
                pass(SECOND / 100);
                isKnown = done[0];
                story.append(done[0] ? ", and forced sector " + sector : "");
                System.arraycopy(bytes, 0, after, sector * Sectors.BYTES, Sectors.BYTES);
            }
        }

        private void comesIntoSync(MirrorDevice mirror) {
            pass(10 * SECOND);
            List<MirrorStatus> status = new ArrayList<>();
            mirror.status().subscribe(status::add);
            for (LegStatus leg : status.get(0).legs()) {
                boolean gone = leg.state() == LegState.MISSING; // for good
                require(gone || leg.state() == LegState.IN_SYNC, "it is not in sync: " + leg);
                for (SimulatedDisk disk : disks) {
                    boolean same = !gone && disk.info().name().equals(leg.name());
                    require(
                            !same || Arrays.equals(held, disk.content(0, SimulatedMachine.DATA_SECTORS)),
                            disk + " differs");
                }
            }
        }

        private void pass(long nanos) {
            clock.advanceTimeBy(Duration.ofNanos(nanos));
        }

        private void require(boolean holds, String what) {
            machine.require(holds, story + ": " + what);
        }
    }
}
