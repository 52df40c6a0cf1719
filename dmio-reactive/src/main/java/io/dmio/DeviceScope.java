package io.dmio;

import io.dmio.concurrent.Deferred;
import io.dmio.concurrent.FirstFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Devices that are open for as long as work with them lasts: all of them or none. What was opened is closed whatever happens:
 * another one cannot be opened, the work fails, its subscriber cancels, or a cancel or timeout meets a device while it is
 * handed over, where Reactor would drop it. A timeout for opening belongs behind the scope, not on what opens a device:
 *
 * <pre>{@code
 * DeviceScope.of(List.of(engine.open(path, options), NbdDevice.open(uri)))
 *         .mono(devices -> client.write(regionsOf(devices), memory))
 *         .timeout(Duration.ofSeconds(10));
 * }</pre>
 *
 * <p>For a single device it is {@code Mono.usingWhen(opening, work, BlockDevice::close)}. Immutable; each subscription opens
 * and closes anew.
 *
 * @param <D> what is opened
 */
public final class DeviceScope<D extends BlockDevice> {

    private final List<Mono<? extends D>> openings;

    private DeviceScope(List<Mono<? extends D>> openings) {
        this.openings = openings;
    }

    /**
     * A scope of these devices.
     *
     * @param openings what opens each; subscribed one after the other
     * @param <D> what is opened
     * @return the scope, with nothing opened yet
     */
    public static <D extends BlockDevice> DeviceScope<D> of(List<? extends Mono<? extends D>> openings) {
        return new DeviceScope<>(List.copyOf(Objects.requireNonNull(openings, "openings")));
    }

    /**
     * Opens them for longer than some work: all of them or none. For work that has an end the other two are shorter.
     *
     * @return emits the devices, in the order of what opens them, to be closed by the subscriber ({@link BlockDevice#closeAll}), as in
     *     {@code Mono.usingWhen(scope.open(), work, BlockDevice::closeAll)}; else it is as safe as a {@link Handover}. Errors with the
     *     first failure of opening, once those that were opened before are closed, what closing them failed with suppressed in it; and
     *     with {@link IllegalStateException} where what opens a device gives none. After a cancel those on their way are opened still,
     *     and closed
     */
    public Mono<List<D>> open() {
        return new OpenTogether<>(openings).open();
    }

    /**
     * Does work of one result while the devices are open.
     *
     * @param work is given the devices, in the order of what opens them; they must not be kept beyond its end
     * @param <T> its result
     * @return the work's result, once all devices are closed, the last one first; errors with the first failure of opening,
     *     work or closing, with later ones of closing suppressed in it, and with {@link IllegalStateException} where what opens a
     *     device gives none. After a cancel the devices are closed as well, which nobody is told
     */
    public <T> Mono<T> mono(Function<? super List<D>, ? extends Mono<? extends T>> work) {
        Objects.requireNonNull(work, "work");
        return Mono.defer(() -> {
            AtomicBoolean done = new AtomicBoolean();
            FirstFailure closing = new FirstFailure();
            Function<List<D>, Mono<? extends T>> noted = devices -> {
                done.set(true);
                return work.apply(devices);
            };
            return this.<T>mono(List.of(), noted, closing)
                    .switchIfEmpty(unlessDone(done))
                    .onErrorMap(closing::after)
                    .flatMap(result -> closing.<T>signal().defaultIfEmpty(result))
                    .switchIfEmpty(closing.signal());
        });
    }

    /**
     * Does work of many results while the devices are open.
     *
     * @param work is given the devices, in the order of what opens them; they must not be kept beyond its end
     * @param <T> its results
     * @return the work's results as they come, and its end once all devices are closed; errors as {@link #mono}
     */
    public <T> Flux<T> flux(Function<? super List<D>, ? extends Publisher<? extends T>> work) {
        Objects.requireNonNull(work, "work");
        return Flux.defer(() -> {
            AtomicBoolean done = new AtomicBoolean();
            FirstFailure closing = new FirstFailure();
            Function<List<D>, Publisher<? extends T>> noted = devices -> {
                done.set(true);
                return work.apply(devices);
            };
            return this.<T>flux(List.of(), noted, closing)
                    .switchIfEmpty(unlessDone(done))
                    .onErrorMap(closing::after)
                    .concatWith(closing.signal());
        });
    }

    private <T> Mono<T> mono(List<D> open, Function<List<D>, Mono<? extends T>> work, FirstFailure closing) {
        return open.size() == openings.size()
                ? Deferred.mono(() -> work.apply(open))
                : Mono.usingWhen(
                        openings.get(open.size()),
                        next -> this.<T>mono(with(open, next), work, closing),
                        device -> close(device, closing));
    }

    private <T> Flux<T> flux(List<D> open, Function<List<D>, Publisher<? extends T>> work, FirstFailure closing) {
        return open.size() == openings.size()
                ? Deferred.flux(() -> work.apply(open))
                : Flux.usingWhen(
                        openings.get(open.size()),
                        next -> this.<T>flux(with(open, next), work, closing),
                        device -> close(device, closing));
    }

    // Else the work would not be done, and its end look like success. Not said beside an opening, where one more
    // operator would lose what a cancel meets.
    private static <T> Mono<T> unlessDone(AtomicBoolean work) {
        return Mono.defer(() -> work.get()
                ? Mono.empty()
                : Mono.error(new IllegalStateException("what opens a device gave none: nothing was done")));
    }

    // Noted and told in the end: usingWhen by itself would tell of a close that fails in an exception of its own, and
    // hide what the
    // work failed with.
    private static Mono<Void> close(BlockDevice device, FirstFailure closing) {
        return Deferred.<Void>mono(device::close).onErrorResume(failure -> {
            closing.add(failure);
            return Mono.empty();
        });
    }

    private List<D> with(List<D> open, D next) {
        List<D> all = new ArrayList<>(open);
        all.add(next);
        return List.copyOf(all);
    }
}
