package consumer

import io.dmio.BlockDevice
import io.dmio.DmIo
import io.dmio.ErrorBits
import io.dmio.IoRegion
import io.dmio.VmBuffer
import io.dmio.device.Fault
import io.dmio.device.FaultyDevice
import io.dmio.device.MemoryDevice
import io.dmio.engine.IoEngines
import io.dmio.engine.OpenOptions
import io.dmio.nbd.NbdDevice
import io.dmio.nbd.NbdExport
import io.dmio.nbd.NbdServer
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled
import java.nio.file.Files
import java.nio.file.Path
import kotlin.random.Random
import kotlin.system.exitProcess
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.fold
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.reactive.asFlow
import kotlinx.coroutines.reactive.asPublisher
import kotlinx.coroutines.reactor.awaitSingle
import kotlinx.coroutines.reactor.awaitSingleOrNull
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

private const val BYTES = 1 shl 20

private val content = Random(3).nextBytes(BYTES)

/** Devices for as long as [work] lasts; they are closed though it is cancelled. */
suspend fun <T> open(paths: List<Path>, options: OpenOptions, work: suspend (List<BlockDevice>) -> T): T {
    val devices = IoEngines.best().openAll(paths, options).awaitSingle()
    try {
        return work(devices)
    } finally {
        withContext(NonCancellable) { BlockDevice.closeAll(devices).awaitSingleOrNull() }
    }
}

/** A stream that suspends where dmio asks for nothing: the disks slow it down. */
fun stream(): Flow<ByteBuf> = flow {
    for (at in 0 until BYTES step 8192) {
        emit(Unpooled.copiedBuffer(content, at, 8192))
    }
}

suspend fun threeFiles(io: DmIo, directory: Path) {
    val legs = listOf("a", "b", "c").map(directory::resolve)
    open(legs, OpenOptions.readWrite().withCreate(BYTES.toLong())) { open ->
        val regions = open.map(IoRegion::all)
        check(io.write(regions, stream().asPublisher()).awaitSingle() == ErrorBits.NONE)
        for (region in regions) {
            val back = io.read(region, 16).asFlow().fold(ByteArray(0)) { sum, buffer ->
                val piece = ByteArray(buffer.readableBytes())
                buffer.readBytes(piece).release()
                sum + piece
            }
            check(back.contentEquals(content)) { "$region differs" }
        }
    }
    for (leg in legs) {
        check(Files.readAllBytes(leg).contentEquals(content)) { "$leg differs" }
        Files.delete(leg)
    }
    println("works: a flow to three files, and back from each")
}

suspend fun cancelled(io: DmIo) {
    val hanging = FaultyDevice.of(MemoryDevice.of("hanging", 8), Fault.stalled())
    val region = IoRegion.all(hanging)
    val memory = VmBuffer.of(ByteArray(4096))
    check(withTimeoutOrNull(50) { io.write(listOf(region), memory).awaitSingle() } == null)
    check(io.budget().inUse() == 1) { "pages are held until the device answers" }
    hanging.release()
    while (io.budget().inUse() > 0) {
        delay(1)
    }
    println("works: a coroutine that is cancelled")
}

suspend fun network(io: DmIo) {
    val disk = MemoryDevice.of("disk", BYTES / 512L)
    val server = NbdServer.builder().bind("127.0.0.1", 0).export(NbdExport.of("disk", disk)).start().awaitSingle()
    val remote = NbdDevice.open(server.uri("disk").toString()).awaitSingle()
    val into = ByteArray(BYTES)
    check(io.write(listOf(IoRegion.all(remote)), VmBuffer.of(content)).awaitSingle().isClear)
    check(io.read(IoRegion.all(remote), VmBuffer.of(into)).awaitSingle().isClear)
    check(into.contentEquals(content) && disk.snapshot(0, BYTES / 512).contentEquals(content))
    remote.close().awaitSingleOrNull()
    server.close().awaitSingleOrNull()
    println("works: NBD")
}

fun main(): Unit = runBlocking {
    val io = DmIo.create().get(64)
    val directory = Files.createTempDirectory("dmio-consumer-")
    threeFiles(io, directory)
    Files.delete(directory)
    cancelled(io)
    network(io)
    io.close().awaitSingleOrNull()
    exitProcess(0)
}
