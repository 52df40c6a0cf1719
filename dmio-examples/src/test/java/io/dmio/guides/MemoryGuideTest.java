package io.dmio.guides;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BioVector;
import io.dmio.BioVectors;
import io.dmio.DmIo;
import io.dmio.ErrorBits;
import io.dmio.IoMemory;
import io.dmio.IoRegion;
import io.dmio.IoRequest;
import io.dmio.IoResult;
import io.dmio.PageList;
import io.dmio.VmBuffer;
import io.dmio.WriteOptions;
import io.dmio.device.MemoryDevice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide-memory.md. */
class MemoryGuideTest {

    private final DmIo io = DmIo.create().get(64);
    private final MemoryDevice disk = MemoryDevice.of("disk", 1024);

    @Test
    void theThreeKindsGoTheSameWay() {
        ByteBuf header = Unpooled.directBuffer(512).writeZero(512);
        ByteBuf body = Unpooled.directBuffer(8192).writeZero(8192);

        IoMemory one = VmBuffer.allocate(64 * 1024); // one buffer, from the library's pool: page-aligned
        IoMemory pages = PageList.allocate(16); // pages of 4 KiB
        IoMemory pieces = BioVectors.of(new BioVector(header, 0, 512), new BioVector(body, 0, 8192)); // pieces of yours

        for (IoMemory memory : List.of(one, pages, pieces)) {
            IoRegion region = new IoRegion(disk, 0, memory.bytes() / 512);
            assertThat(io.write(List.of(region), memory).block()).isEqualTo(ErrorBits.NONE);
        }
        List.of(one, pages, pieces).forEach(IoMemory::release);
        assertThat(header.refCnt() + body.refCnt()).isZero();
    }

    @Test
    void memoryIsReleasedByWhoeverTookIt() {
        IoRegion region = new IoRegion(disk, 0, 8);

        Mono<String> firstBytes = Mono.using(
                () -> VmBuffer.allocate(4096),
                memory -> io.read(region, memory).map(failed -> memory.buffer().toString(0, 5, UTF_8)),
                VmBuffer::release);

        disk.load(0, Arrays.copyOf("hello".getBytes(UTF_8), 512));
        assertThat(firstBytes.block()).isEqualTo("hello");
    }

    @Test
    void arraysAndBuffersOfOthersCanBeUsedAsTheyAre() {
        byte[] array = "hello".repeat(1024).substring(0, 4096).getBytes(UTF_8);
        ByteBuf buffer = Unpooled.copiedBuffer(array);
        IoRegion region = new IoRegion(disk, 0, 8);

        io.write(List.of(region), VmBuffer.of(array)).block(); // copied on its way: an array may move
        io.write(List.of(region), VmBuffer.of(buffer)).block(); // all of it, from 0 to its capacity
        io.write(List.of(region), VmBuffer.of(buffer.slice())).block(); // what is readable of it

        assertThat(buffer.refCnt()).isEqualTo(1); // borrowed
        assertThat(disk.snapshot(0, 8)).isEqualTo(array);
        buffer.release();
    }

    @Test
    void requestsOfAPipelineMayOwnTheirMemory() {
        Flux<IoRequest> requests = Flux.range(0, 100).map(i -> {
            VmBuffer memory = VmBuffer.allocate(512);
            memory.buffer().setInt(0, i);
            return IoRequest.write(List.of(new IoRegion(disk, i, 1)), memory, WriteOptions.NONE)
                    .owning();
        });
        Flux<IoResult> results = io.run(requests); // releases each when it is done, and those that a cancel leaves

        assertThat(results.filter(result -> !result.errorBits().isClear())
                        .count()
                        .block())
                .isZero();
        assertThat(Unpooled.wrappedBuffer(disk.snapshot(99, 1)).getInt(0)).isEqualTo(99);
    }
}
