package consumer;

import io.dmio.BlockDevice;
import io.dmio.DmIo;
import io.dmio.IoRegion;
import io.dmio.StreamOptions;
import io.dmio.engine.IoEngines;
import io.dmio.engine.OpenOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Takes an upload to three files at once, as it arrives, and gives it back from any of them. */
@SpringBootApplication
public class Service {

    static final int BYTES = 1 << 20;

    /** The files, open for as long as the service runs. */
    public record Disks(List<BlockDevice> open) implements AutoCloseable {
        @Override
        public void close() {
            BlockDevice.closeAll(open).block();
        }

        List<IoRegion> regions() {
            return open.stream().map(IoRegion::all).toList();
        }
    }

    @Bean
    DmIo pages() {
        return DmIo.create().get(64); // a quarter of what is uploaded
    }

    @Bean
    Disks disks() {
        Path directory = Path.of(System.getProperty("disks"));
        List<Path> paths = Stream.of("a", "b", "c").map(directory::resolve).toList();
        return new Disks(IoEngines.best()
                .openAll(paths, OpenOptions.readWrite().withCreate(BYTES))
                .block());
    }

    /** What clients see. */
    @RestController
    public static class Images {

        private final DmIo client;
        private final Disks disks;

        Images(DmIo client, Disks disks) {
            this.client = client;
            this.disks = disks;
        }

        @PostMapping("/image")
        Mono<ResponseEntity<String>> upload(@RequestBody Flux<DataBuffer> body) {
            return client.write(
                            disks.regions(),
                            body.map(NettyDataBufferFactory::toByteBuf), // handed over: the write releases each
                            StreamOptions.NONE.withPadding())
                    .map(failed -> ResponseEntity.status(failed.isClear() ? HttpStatus.CREATED : HttpStatus.BAD_GATEWAY)
                            .body(failed.toString()));
        }

        @GetMapping("/image/{leg}")
        Mono<Void> download(@PathVariable("leg") int leg, ServerHttpResponse response) {
            NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
            return response.writeWith(client.read(disks.regions().get(leg), 16).map(buffers::wrap));
        }
    }


    /** No arguments: starts, uses itself as a client would, and ends. */
    public static void main(String[] args) {
        var context = SpringApplication.run(Service.class, args);
        context.getBean(Client.class).use();
        System.exit(SpringApplication.exit(context));
    }
}
