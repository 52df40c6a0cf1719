package io.dmio.bench.peers;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One measurement of one Java variant, the only thing this process does: opens the legs, warms up, measures, closes, proves
 * that the bytes are where they should be, and prints one line of JSON ({@link Measured}).
 *
 * <p>Arguments: variant, work, warm-up seconds, seconds, bytes of a leg, and the legs' paths.
 */
public final class PeerRun {

    private PeerRun() {}

    public static void main(String[] args) {
        int status = 0;
        try {
            stream(FileDescriptor.out).println(run(args).toJson());
        } catch (Throwable failed) { // a missing native library is an Error; whatever it is, the parent reports it
            stream(FileDescriptor.err).println(chain(failed));
            status = 1;
        }
        Runtime.getRuntime().halt(status); // peers leave threads behind
    }

    private static Measured run(String[] args) throws IOException, InterruptedException, TimeoutException {
        Variant variant = Variant.valueOf(args[0]);
        Workload work = Workload.named(args[1]);
        List<Path> legs = Arrays.stream(args, 5, args.length)
                .limit(work.legs())
                .map(Path::of)
                .toList();
        Blocks blocks = Blocks.of(work, System.nanoTime()); // other bytes than the run before left there
        Peer peer = variant.opener().open(new Peer.Setting(work, legs, blocks));
        Drive drive = new Drive(work, peer, Long.parseLong(args[4]));
        Drive.Outcome outcome = drive.run(Double.parseDouble(args[2]), Double.parseDouble(args[3]));
        peer.close();
        prove(drive, legs, blocks);
        return Measured.of(work, outcome, ProcessUse.residentBytesMax());
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static String chain(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .map(Throwable::toString)
                .collect(Collectors.joining(", caused by "));
    }

    private static void prove(Drive drive, List<Path> legs, Blocks blocks) throws IOException {
        for (Request request : drive.requests()) {
            for (Path leg : legs) {
                if (drive.work().read()) {
                    blocks.proveRead(leg, request.lastPlace(), request.block());
                } else {
                    for (long place : request.lastPlaces().toArray()) {
                        blocks.proveWritten(leg, place);
                    }
                }
            }
        }
    }
}
