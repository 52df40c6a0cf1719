package io.dmio;

import io.netty.buffer.ByteBuf;

/**
 * One operation of a {@link BlockDevice}, after the kernel's {@code REQ_OP_*}; the argument of the device's one verb. The
 * buffer of a read or write is exactly as long as the transfer: its bytes are {@code [0, capacity)}, whatever the buffer's
 * indexes say, and the device neither reads nor moves the indexes.
 */
public sealed interface BlockOp {

    /** The kind of an operation, for an exhaustive switch. */
    enum Kind {
        /** {@link BlockOp.Read}. */
        READ,
        /** {@link BlockOp.Write}. */
        WRITE,
        /** {@link BlockOp.Flush}. */
        FLUSH,
        /** {@link BlockOp.Discard}. */
        DISCARD,
        /** {@link BlockOp.WriteZeroes}. */
        WRITE_ZEROES;

        /**
         * Returns whether a {@linkplain Capability#READ_ONLY read-only} device refuses operations of this kind.
         *
         * @return true for every kind that changes content
         */
        public boolean changes() {
            return this == WRITE || this == DISCARD || this == WRITE_ZEROES;
        }

        /**
         * Returns the kind as messages print it.
         *
         * @return one or two words in lower case
         */
        public String words() {
            return switch (this) {
                case READ -> "read";
                case WRITE -> "write";
                case FLUSH -> "flush";
                case DISCARD -> "discard";
                case WRITE_ZEROES -> "write-zeroes";
            };
        }
    }

    /**
     * Returns which kind of operation this is.
     *
     * @return the kind
     */
    Kind kind();

    /**
     * Returns where the operation starts.
     *
     * @return the first sector; 0 for a flush
     */
    long sector();

    /**
     * Returns the length of the operation.
     *
     * @return the number of sectors; 0 for a flush
     */
    long sectorCount();

    /**
     * A read, which fills {@code into} from the device.
     *
     * @param sector the first sector
     * @param into the buffer to fill: whole sectors; borrowed until the device answers
     */
    record Read(long sector, ByteBuf into) implements BlockOp {
        /** Checks that the buffer is whole sectors. */
        public Read {
            Sectors.end(sector, Sectors.ofBytes(into.capacity()));
        }

        @Override
        public Kind kind() {
            return Kind.READ;
        }

        @Override
        public long sectorCount() {
            return into.capacity() / Sectors.BYTES;
        }
    }

    /**
     * A write of {@code from} to the device.
     *
     * @param sector the first sector
     * @param from the buffer to write: whole sectors; borrowed until the device answers
     * @param fua whether the data is durable when the write is answered (force unit access)
     */
    record Write(long sector, ByteBuf from, boolean fua) implements BlockOp {
        /** Checks that the buffer is whole sectors. */
        public Write {
            Sectors.end(sector, Sectors.ofBytes(from.capacity()));
        }

        @Override
        public Kind kind() {
            return Kind.WRITE;
        }

        @Override
        public long sectorCount() {
            return from.capacity() / Sectors.BYTES;
        }
    }

    /**
     * A flush, which makes durable every write that was answered before the flush was submitted.
     *
     * <p>If a flush fails, what was written since the last successful flush may be lost. A device, like a kernel, need not
     * report that loss again: the next flush may succeed, and so may another one of several at a time. {@link DmIo} and
     * {@link DeviceFallback} have one flush of a device in flight at a time, and report a failure to all callers that wait.
     */
    record Flush() implements BlockOp {
        @Override
        public Kind kind() {
            return Kind.FLUSH;
        }

        @Override
        public long sector() {
            return 0;
        }

        @Override
        public long sectorCount() {
            return 0;
        }
    }

    /**
     * A discard, which frees the range's space; what the range reads as afterwards is up to the device.
     *
     * @param sector the first sector
     * @param sectorCount how many
     */
    record Discard(long sector, long sectorCount) implements BlockOp {
        /** Checks the range. */
        public Discard {
            Sectors.end(sector, sectorCount);
        }

        @Override
        public Kind kind() {
            return Kind.DISCARD;
        }
    }

    /**
     * An operation that makes the range read as zeroes.
     *
     * @param sector the first sector
     * @param sectorCount how many
     */
    record WriteZeroes(long sector, long sectorCount) implements BlockOp {
        /** Checks the range. */
        public WriteZeroes {
            Sectors.end(sector, sectorCount);
        }

        @Override
        public Kind kind() {
            return Kind.WRITE_ZEROES;
        }
    }
}
