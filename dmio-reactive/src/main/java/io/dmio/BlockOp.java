package io.dmio;

import io.netty.buffer.ByteBuf;

/**
 * The one verb's argument: what a {@link BlockDevice} is asked to do, after the kernel's {@code REQ_OP_*}. The buffer of a
 * read or write is exactly as long as the transfer; its bytes are {@code [0, capacity)}, whatever its indexes say, and the
 * device neither reads nor moves them.
 */
public sealed interface BlockOp {

    /** Which operation, for an exhaustive switch. */
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
         * Whether a {@linkplain Capability#READ_ONLY read-only} device refuses it.
         *
         * @return true for everything that changes content
         */
        public boolean changes() {
            return this == WRITE || this == DISCARD || this == WRITE_ZEROES;
        }

        /**
         * The kind as messages print it.
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
     * Which operation this is.
     *
     * @return its kind
     */
    Kind kind();

    /**
     * Where it starts.
     *
     * @return the first sector; 0 for a flush
     */
    long sector();

    /**
     * How long it is.
     *
     * @return the number of sectors; 0 for a flush
     */
    long sectorCount();

    /**
     * Fills {@code into} from the device.
     *
     * @param sector the first sector
     * @param into whole sectors; borrowed until the device answers
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
     * Writes {@code from} to the device.
     *
     * @param sector the first sector
     * @param from whole sectors; borrowed until the device answers
     * @param fua durable when answered (force unit access)
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
     * Makes durable every write that was answered before this was submitted. If that fails, what was written since the last good flush may
     * be lost, and a device need not tell of it again, as kernels do not: the next flush may be good, and of several at a time another one.
     * {@link DmIo} and {@link DeviceFallback} flush a device once at a time, and tell a failure to all who wait.
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
     * Gives the range's space back; what is read there afterwards is up to the device.
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
     * Makes the range read as zeroes.
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
