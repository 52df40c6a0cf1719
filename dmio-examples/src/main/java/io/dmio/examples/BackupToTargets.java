package io.dmio.examples;

import io.dmio.BlockDevice;
import io.dmio.DeviceScope;
import io.dmio.DmIo;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import io.dmio.nbd.NbdDevice;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Backs a directory up to several targets at once, by {@link BackupStreamer}: files or disks by their paths, NBD exports by their URIs. The
 * archive is made by {@code tar}, which is everywhere and knows everything that files have; a library for it would go into the packages of
 * the app, which shares this module. {@code gzip -dc TARGET | tar -x} unpacks it.
 */
public final class BackupToTargets {

    private static final int PAGES = 1024; // 4 MiB: three pieces in flight

    private BackupToTargets() {}

    /**
     * Makes the backup; prints how many pieces are durable, again and again, and in the end the outcome for each target.
     *
     * @param args {@code [--resume] DIRECTORY TARGET…}; {@code --resume} goes on from the point up to which all targets have what is in the
     *     directory
     */
    public static void main(String[] args) {
        boolean resume = args[0].equals("--resume");
        List<String> names = Arrays.asList(args).subList(resume ? 1 : 0, args.length);
        String directory = names.get(0);
        List<String> targets = names.subList(1, names.size());
        Mono.usingWhen(
                        DeviceScope.<BlockDevice>of(targets.stream()
                                        .map(BackupToTargets::open)
                                        .toList())
                                .open(),
                        devices -> backUp(directory, devices, resume),
                        BlockDevice::closeAll)
                .block();
    }

    private static Mono<? extends BlockDevice> open(String target) {
        return target.startsWith("nbd")
                ? NbdDevice.open(target)
                : IoEngines.best().open(Path.of(target), OpenOptions.readWrite());
    }

    private static Mono<Void> backUp(String directory, List<BlockDevice> devices, boolean resume) {
        BackupStreamer backup = new BackupStreamer(
                DmIo.create().get(PAGES), devices, pieces -> System.out.println("durable " + pieces));
        return Mono.using(
                () -> new Archive(directory),
                archive -> (resume ? backup.resume(archive) : Mono.just(0L))
                        .doOnNext(pieces -> System.out.println("from " + pieces))
                        .then(backup.run(archive))
                        .doOnNext(failed -> {
                            for (int i = 0; i < devices.size(); i++) {
                                String how = failed.containsKey(i)
                                        ? "failed: " + failed.get(i).getMessage()
                                        : "complete";
                                System.out.println(devices.get(i).info().name() + " " + how);
                            }
                        })
                        .then(),
                Archive::end);
    }

    /** The output of tar for a directory, always in the same order. It ends regularly only if tar could read everything. */
    private static final class Archive extends FilterInputStream {

        private final Process tar;

        Archive(String directory) throws IOException {
            this(new ProcessBuilder("tar", "--sort=name", "-C", directory, "-cf", "-", ".")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }

        private Archive(Process tar) {
            super(tar.getInputStream());
            this.tar = tar;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            if (read < 0) {
                try {
                    if (tar.waitFor() != 0) {
                        throw new IOException("tar ended with " + tar.exitValue());
                    }
                } catch (InterruptedException ended) {
                    throw new IOException(ended);
                }
            }
            return read;
        }

        void end() {
            tar.destroy();
            try {
                close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
