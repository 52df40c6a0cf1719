package io.dmio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three kinds of memory: every byte where it belongs, nothing kept, odd pieces refused. */
class IoMemoryTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 3584})
    void aPageListStartsAtItsOffsetAndRunsOnFromPageToPage(int offset) {
        PageList list = numbered(3, offset);

        assertThat(list.bytes()).isEqualTo(3 * 4096 - offset);
        ByteBuf view = list.retainedView(0, (int) list.bytes());
        for (int at = 0; at < view.capacity(); at += 512) {
            assertThat(view.getByte(at)).isEqualTo((byte) ((at + offset) / 512));
        }
        view.release();
        list.release();
        assertThat(list.pages()).allMatch(page -> page.refCnt() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {-512, 1, 100, 4096, 4097})
    void aPageListOffsetThatIsNoSectorOfTheFirstPageIsRefused(int offset) {
        ByteBuf page = Unpooled.wrappedBuffer(new byte[4096]);

        assertThatIllegalArgumentException().isThrownBy(() -> PageList.of(List.of(page), offset));
    }

    @Test
    void aPageOfAnotherSizeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PageList.of(List.of(Unpooled.wrappedBuffer(new byte[8192])), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> PageList.of(List.of(), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> PageList.allocate(0));
    }

    @Test
    void aFreshPageWithNothingReadableIsStillAllThere() {
        PageList list = PageList.allocate(2);
        ByteBuf view = list.retainedView(0, 8192);

        assertThat(view.capacity()).isEqualTo(8192);
        assertThat(list.pages()).allMatch(page -> page.writerIndex() == 0 && page.readerIndex() == 0);
        view.setByte(5000, 7);
        assertThat(list.pages().get(1).getByte(5000 - 4096)).isEqualTo((byte) 7);
        view.release();
        list.release();
    }

    @Test
    void allocatedMemoryStartsOnAPage() {
        PageList list = PageList.allocate(3);
        VmBuffer buffer = VmBuffer.allocate(512);

        assertThat(list.pages()).allMatch(page -> PagePool.isAligned(page, 4096));
        assertThat(buffer.buffer().nioBuffer(0, 512).alignmentOffset(0, 4096)).isZero();
        list.release();
        buffer.release();
    }

    @Test
    void vectorsAreFoundByByteWhereverThePiecesLie() {
        ByteBuf page = bytes(8192);
        BioVectors vectors = BioVectors.of(
                new BioVector(page, 4096, 512), new BioVector(page, 0, 1024), new BioVector(page, 7680, 512));

        assertThat(vectors.bytes()).isEqualTo(2048);
        ByteBuf view = vectors.retainedView(0, 2048);
        assertThat(new int[] {first(view, 0), first(view, 512), first(view, 1024), first(view, 1536)})
                .containsExactly(8, 0, 1, 15);
        view.release();
        ByteBuf middle = vectors.retainedView(1024, 1024);
        assertThat(first(middle, 0)).isEqualTo(1);
        assertThat(first(middle, 512)).isEqualTo(15);
        middle.release();
        assertThat(page.refCnt()).isEqualTo(1);
    }

    @Test
    void aSliceOfVectorsIsAPortionOfTheSameList() {
        ByteBuf page = bytes(4096);
        BioVectors vectors = BioVectors.of(new BioVector(page, 0, 2048), new BioVector(page, 2048, 2048));
        BioVectors portion = vectors.slice(1536, 1024);

        assertThat(portion.vectors()).containsExactly(new BioVector(page, 1536, 512), new BioVector(page, 2048, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> vectors.slice(100, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> vectors.slice(0, 100));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> vectors.slice(3584, 1024));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vectors.slice(512, 0))
                .withMessage("a slice of 0 bytes: at least one sector");
    }

    @Test
    void fiveThousandSingleSectorVectorsMakeOneView() {
        ByteBuf page = bytes(4096);
        List<BioVector> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add(new BioVector(page, i % 8 * 512, 512));
        }
        ByteBuf view = BioVectors.of(many).retainedView(512, 4999 * 512);

        assertThat(view).isInstanceOf(CompositeByteBuf.class);
        assertThat(first(view, 4998 * 512)).isEqualTo(4999 % 8);
        view.release();
        assertThat(page.refCnt()).isEqualTo(1);
    }

    @Test
    void releasingVectorsReleasesEachBufferOnceEvenWhereContentsAreEqual() {
        ByteBuf one = PagePool.shared().allocate(4096);
        ByteBuf two = PagePool.shared().allocate(4096);
        BioVectors.of(new BioVector(one, 0, 512), new BioVector(two, 0, 512), new BioVector(one, 512, 512))
                .release();

        assertThat(one.refCnt()).isZero();
        assertThat(two.refCnt()).isZero();
    }

    @Test
    void releasingAPageListReleasesEachPageOnceHoweverOftenItIsInIt() {
        ByteBuf zeroes = PagePool.shared().allocate(4096);
        ByteBuf other = PagePool.shared().allocate(4096);
        PageList.of(List.of(zeroes, other, zeroes), 0).release();

        assertThat(zeroes.refCnt()).isZero();
        assertThat(other.refCnt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -512, 300, 513, 8192})
    void aVectorOfPartSectorsOrOutsideItsBufferIsRefused(int length) {
        assertThatIllegalArgumentException().isThrownBy(() -> new BioVector(bytes(4096), 0, length));
    }

    @Test
    void aVectorMayNotReachBeyondItsBuffer() {
        ByteBuf page = bytes(4096);

        assertThatIllegalArgumentException().isThrownBy(() -> new BioVector(page, 3585, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> new BioVector(page, -1, 512));
        assertThatIllegalArgumentException().isThrownBy(() -> new BioVector(page, Integer.MAX_VALUE, 512));
        assertThat(new BioVector(page, 3584, 512).offset()).isEqualTo(3584);
    }

    @Test
    void aBufferIsUsedFromZeroToCapacityWhateverItsIndexes() {
        ByteBuf buffer = bytes(1024).setIndex(700, 900);
        ByteBuf view = VmBuffer.of(buffer).retainedView(512, 512);

        assertThat(first(view, 0)).isEqualTo(1);
        view.release();
        assertThat(buffer.readerIndex()).isEqualTo(700);
        assertThat(buffer.writerIndex()).isEqualTo(900);
        assertThat(buffer.refCnt()).isEqualTo(1);
    }

    @Test
    void anArrayAndANioBufferAreSharedNotCopied() {
        byte[] array = new byte[512];
        ByteBuffer nio = ByteBuffer.allocateDirect(1024).position(512);
        VmBuffer.of(array).buffer().setByte(3, 9);
        VmBuffer.of(nio).buffer().setByte(3, 9);

        assertThat(array[3]).isEqualTo((byte) 9);
        assertThat(nio.get(515)).isEqualTo((byte) 9);
        assertThat(VmBuffer.of(nio).bytes()).isEqualTo(512);
        assertThat(VmBuffer.of(nio.asReadOnlyBuffer()).readOnly()).isTrue();
    }

    @Test
    void aBufferBelowOneSectorIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> VmBuffer.of(new byte[511]));
        assertThatIllegalArgumentException().isThrownBy(() -> VmBuffer.allocate(0));
    }

    @Test
    void aViewOutsideTheMemoryIsRefused() {
        VmBuffer buffer = VmBuffer.of(new byte[512]);

        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.retainedView(0, 513));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.retainedView(-1, 1));
    }

    @Test
    void alignmentLooksAtEveryPartOfAComposite() {
        PageList pages = PageList.allocate(2);
        ByteBuf whole = pages.retainedView(0, 8192);
        ByteBuf heap = Unpooled.wrappedBuffer(new byte[512]);
        ByteBuf part = pages.pages().get(0).retainedSlice(8, 512);

        assertThat(PagePool.isAligned(whole, 4096)).isTrue();
        assertThat(PagePool.isAligned(heap, 1)).as("heap memory moves").isFalse();
        assertThat(PagePool.isAligned(part, 512)).isFalse();
        assertThat(PagePool.isAligned(part, 8)).isTrue();
        part.release();
        whole.release();
        pages.release();
    }

    private static int first(ByteBuf view, int at) {
        return view.getByte(at);
    }

    /** Each 512 bytes hold their own number. */
    private static ByteBuf bytes(int length) {
        byte[] array = new byte[length];
        for (int sector = 0; sector * 512 < length; sector++) {
            Arrays.fill(array, sector * 512, Math.min(length, (sector + 1) * 512), (byte) sector);
        }
        return Unpooled.wrappedBuffer(array);
    }

    private static PageList numbered(int pages, int offset) {
        List<ByteBuf> list = new ArrayList<>();
        for (int i = 0; i < pages; i++) {
            list.add(bytes(pages * 4096).slice(i * 4096, 4096));
        }
        return PageList.of(list, offset);
    }

    @Test
    void aReleasedBufferAmongSeveralCostsTheOthersNoReference() {
        ByteBuf first = Unpooled.directBuffer(4096, 4096);
        ByteBuf gone = Unpooled.directBuffer(4096, 4096);
        ByteBuf last = Unpooled.directBuffer(4096, 4096);
        gone.release();
        List<IoMemory> memories = List.of(
                PageList.of(List.of(first, gone, last), 512),
                BioVectors.of(new BioVector(first, 0, 512), new BioVector(gone, 0, 512), new BioVector(last, 0, 512)));
        for (IoMemory memory : memories) {
            for (int from : new int[] {0, 100}) {
                int bytes = (int) memory.bytes() - from;
                assertThatThrownBy(() -> memory.retainedView(from, bytes))
                        .isInstanceOf(IllegalReferenceCountException.class);
            }
        }
        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(last.refCnt()).isEqualTo(1);
        first.release();
        last.release();
    }

    @Test
    void aViewMayStartAndEndAtAnyByte() {
        ByteBuf buffer = Unpooled.directBuffer(4096, 4096);
        for (int i = 0; i < 4096; i++) {
            buffer.setByte(i, i * 7);
        }
        IoMemory vectors = BioVectors.of(
                new BioVector(buffer, 1024, 512), new BioVector(buffer, 0, 512), new BioVector(buffer, 2049, 1024));
        int[] places = {1024, 0, 2049};
        int[] starts = {0, 512, 1024, 2048};
        for (int from = 0; from < 2048; from += 37) {
            for (int bytes = 1; from + bytes <= 2048; bytes += 61) {
                ByteBuf view = vectors.retainedView(from, bytes);
                assertThat(view.capacity()).isEqualTo(bytes);
                for (int at : new int[] {0, bytes / 2, bytes - 1}) {
                    int part = from + at < 512 ? 0 : from + at < 1024 ? 1 : 2;
                    assertThat(view.getByte(at)).isEqualTo((byte) ((places[part] + from + at - starts[part]) * 7));
                }
                view.release();
            }
        }
        assertThat(buffer.refCnt()).isEqualTo(1);
        buffer.release();
    }
}
