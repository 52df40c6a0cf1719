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
 * A set of devices that are open as long as work with them lasts, all of them or none. What was opened is closed whatever
 * happens: another device cannot be opened, the work fails, its subscriber cancels, or a cancel or timeout meets a device while
 * it is handed over, where Reactor would drop it. Put a timeout for opening behind the scope, not on what opens a device:
 *
 * <pre>{@code
 * DeviceScope.of(List.of(engine.open(path, options), NbdDevice.open(uri)))
 *         .mono(devices -> client.write(regionsOf(devices), memory))
 *         .timeout(Duration.ofSeconds(10));
 * }</pre>
 *
 * <p>For a single device, use {@code Mono.usingWhen(opening, work, BlockDevice::close)}. Immutable; each subscription opens and
 * closes anew.
 *
 * @param <D> the type of the devices
 */
public final class DeviceScope<D extends BlockDevice> {

    private final List<Mono<? extends D>> openings;

    private DeviceScope(List<Mono<? extends D>> openings) {
        this.openings = openings;
    }

    /**
     * Returns a scope of devices.
     *
     * @param openings the Monos that open the devices; subscribed one after the other
     * @param <D> the type of the devices
     * @return the scope, with nothing opened yet
     */
    public static <D extends BlockDevice> DeviceScope<D> of(List<? extends Mono<? extends D>> openings) {
        return new DeviceScope<>(List.copyOf(Objects.requireNonNull(openings, "openings")));
    }

    /**
     * Opens the devices, all of them or none, for longer than some work. For work that has an end, the other two methods are
     * shorter.
     *
     * @return a Mono of the devices, in the order of the openings, to be closed by the subscriber
     *     ({@link BlockDevice#closeAll}), as in {@code Mono.usingWhen(scope.open(), work, BlockDevice::closeAll)}; used
     *     otherwise, it is as safe as a {@link Handover}. Errors with the first failure of opening, once the devices that were
     *     opened are closed, with the failures of closing suppressed in it; and with {@link IllegalStateException} if an
     *     opening emits no device. After a cancel, devices on their way are still opened, and then closed
     */
    public Mono<List<D>> open() {
        return new OpenTogether<>(openings).open();
    }

    /**
     * Runs work that has one result while the devices are open.
     *
     * @param work receives the devices, in the order of the openings; they must not be kept beyond the end of the work
     * @param <T> the type of the result
     * @return a Mono of the work's result, once all devices are closed, the last one first; errors with the first failure of
     *     opening, work or closing, with later failures of closing suppressed in it, and with {@link IllegalStateException} if
     *     an opening emits no device. After a cancel the devices are closed as well, but nobody is notified
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
     * Runs work that has many results while the devices are open.
     *
     * @param work receives the devices, in the order of the openings; they must not be kept beyond the end of the work
     * @param <T> the type of the results
     * @return a Flux of the work's results as they come, which ends once all devices are closed; errors as {@link #mono} does
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

    // Without this the work would not be done, and its end would look like success. Not checked beside an opening,
    // where one more operator would lose what a cancel meets.
    private static <T> Mono<T> unlessDone(AtomicBoolean work) {
        return Mono.defer(() -> work.get()
                ? Mono.empty()
                : Mono.error(new IllegalStateException("what opens a device gave none: nothing was done")));
    }

    // A failure to close is noted, and told in the end: usingWhen by itself would signal it as an exception of its own,
    // and hide what the work failed with.
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
