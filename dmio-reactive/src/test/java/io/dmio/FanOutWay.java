package io.dmio;

import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** How a request of the common shape goes down: the short way it takes by itself, or the general one. */
enum FanOutWay {
    ONE_SPAN {
        @Override
        Mono<ErrorBits> of(Dispatch request) {
            return request;
        }
    },
    GENERAL {
        @Override
        Mono<ErrorBits> of(Dispatch request) {
            return request.general();
        }
    };

    static final int TRANSFER_BYTES_MAX = 1 << 20;

    abstract Mono<ErrorBits> of(Dispatch request);

    Mono<ErrorBits> run(PageBudget budget, IoRequest request) {
        return of(new Dispatch(request, budget, TRANSFER_BYTES_MAX, false));
    }

    /** A write of the memory's first 4 KiB to sector 8 of each device. */
    static IoRequest write(IoMemory from, BlockDevice... devices) {
        List<IoRegion> regions =
                Stream.of(devices).map(device -> new IoRegion(device, 8, 8)).toList();
        return IoRequest.write(regions, from, WriteOptions.NONE);
    }
}
