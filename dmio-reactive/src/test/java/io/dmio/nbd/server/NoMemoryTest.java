package io.dmio.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dmio.BlockDevice;
import io.dmio.BlockOp;
import io.dmio.DeviceInfo;
import io.dmio.device.MemoryDevice;
import io.dmio.nbd.NbdExport;
import io.dmio.nbd.NbdServer;
import io.dmio.nbd.NbdTestServer;
import io.dmio.nbd.RawClient;
import io.dmio.nbd.wire.Command;
import io.dmio.nbd.wire.ReplyFormat;
import io.dmio.nbd.wire.RequestHeader;
import io.dmio.nbd.wire.WireError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A server that runs out of memory says so to who asked, and goes on. */
class NoMemoryTest {

    private static final String ANSWER = "67446698%08x0000000000000007";

    @Test
    void aRequestThatFindsNoMemoryIsRefusedAndGivesItsRoomBack() {
        Scarce taker = new Scarce();
        RequestReader reader = new RequestReader(false, taker, taker);
        ByteBuf bytes = Unpooled.buffer();
        new RequestHeader(0, Command.READ.code(), 7, 0, 4096).encode(bytes, false);
        new RequestHeader(0, Command.WRITE.code(), 8, 0, 512).encode(bytes, false);
        bytes.writeZero(512);
        new RequestHeader(0, Command.FLUSH.code(), 9, 0, 0).encode(bytes, false);
        reader.add(bytes);

        reader.run();

        assertThat(taker.told).containsExactly("7 ENOMEM", "8 ENOMEM", "9 begun");
        assertThat(taker.room).isZero();
        assertThat(reader.isBetweenRequests()).isTrue();
        reader.release();
    }

    @Test
    void aDeviceThatFindsNoneKeepsNobodyElseFromItsBlocks() {
        MemoryDevice disk = MemoryDevice.of("disk", 64);
        Forgetful forgetful = new Forgetful(disk, new AtomicInteger(1));
        try (NbdTestServer served = NbdTestServer.of(NbdServer.builder().export(NbdExport.of("disk", forgetful)));
                RawClient client = RawClient.inside(served.server(), ReplyFormat.SIMPLE, "disk")) {
            client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeZero(512));
            assertThat(client.hex(16)).isEqualTo(ANSWER.formatted(WireError.ENOMEM.number()));
            client.request(Command.WRITE, 0, 0, 512).send(bytes -> bytes.writeZero(512));
            assertThat(client.hex(16)).isEqualTo(ANSWER.formatted(0));
        }
        disk.close().block(NbdTestServer.PATIENCE);
    }

    /** Throws what Reactor calls fatal and passes on to whoever subscribed. */
    private record Forgetful(BlockDevice inner, AtomicInteger fail) implements BlockDevice {

        @Override
        public DeviceInfo info() {
            return inner.info();
        }

        @Override
        public Mono<Void> submit(BlockOp op) {
            return Mono.defer(() -> {
                if (fail.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("none left");
                }
                return inner.submit(op);
            });
        }

        @Override
        public Mono<Void> close() {
            return Mono.empty();
        }
    }

    /** There is room, and no memory. */
    private static final class Scarce implements RequestReader.Taker, Room {
        private final List<String> told = new ArrayList<>();
        private long room;

        @Override
        public boolean mayBegin() {
            return true;
        }

        @Override
        public RequestRules.@Nullable Refusal refusal(RequestHeader request) {
            return null;
        }

        @Override
        public boolean take(long bytes) {
            room += bytes;
            return true;
        }

        @Override
        public int takePiece(long offset, long left, boolean hasCome, boolean isModest) {
            return take(left) ? (int) left : 0;
        }

        @Override
        public int wholeBlocks(long offset, int bytes) {
            return bytes;
        }

        @Override
        public ByteBuf allocate(int bytes) {
            throw new OutOfMemoryError("none left");
        }

        @Override
        public void give(long bytes) {
            room -= bytes;
        }

        @Override
        public void begin(RequestHeader request, @Nullable ByteBuf memory, @Nullable WritePieces of) {
            told.add(request.cookie() + " begun");
            ReferenceCountUtil.release(memory);
        }

        @Override
        public void refuse(RequestHeader request, RequestRules.Refusal refusal, @Nullable WritePieces of) {
            told.add(request.cookie() + " " + refusal.error());
        }

        @Override
        public void goodbye() {
            told.add("goodbye");
        }

        @Override
        public void nonsense(String what) {
            told.add(what);
        }
    }
}
