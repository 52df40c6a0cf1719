package io.dmio;

import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.FirstFailure;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Opens devices one after the other, all or none. They are handed over together, and closed together if a cancel meets the handover. */
final class OpenTogether<D extends BlockDevice> {

    private final List<Mono<? extends D>> openings;

    OpenTogether(List<Mono<? extends D>> openings) {
        this.openings = openings;
    }

    /**
     * See {@link DeviceScope#open}. Once begun, it goes on after a cancel, so that no device is dropped on the way; devices that nobody wants
     * then are closed.
     */
    Mono<List<D>> open() {
        return Handover.<List<D>, Opened<D>>whole(Mono.defer(this::all), Opened::closeUnlessUsed);
    }

    private Mono<Opened<D>> all() {
        List<D> open = new ArrayList<>();
        return Flux.fromIterable(openings)
                .concatMap(opening -> Deferred.<D>mono(() -> opening).doOnNext(open::add), 1)
                .then(Deferred.mono(() -> {
                    if (open.size() < openings.size()) {
                        throw new IllegalStateException("what opens a device gave none");
                    }
                    return Mono.just(new Opened<>(List.copyOf(open)));
                }))
                .onErrorResume(failure -> BlockDevice.closeAll(List.copyOf(open))
                        .onErrorResume(also -> {
                            FirstFailure.with(failure, also);
                            return Mono.empty();
                        })
                        .then(Mono.error(failure)));
    }

    /** A list that notes whether it was used: if it was not when a cancel met it, nobody has the devices. */
    private static final class Opened<D extends BlockDevice> extends AbstractList<D> {
        private final List<D> devices;
        private volatile boolean used;

        Opened(List<D> devices) {
            this.devices = devices;
        }

        @Override
        public D get(int index) {
            used = true;
            return devices.get(index);
        }

        @Override
        public int size() {
            used = true;
            return devices.size();
        }

        void closeUnlessUsed() {
            if (!used) {
                BlockDevice.closeAll(devices).subscribe(closed -> {}, reported -> {});
            }
        }
    }
}
