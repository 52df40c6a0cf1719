package io.dmio;

import io.netty.buffer.ByteBuf;

/**
 * The memory of a request's bytes: a {@link PageList}, {@link BioVectors} or a {@link VmBuffer}, dm-io's three kinds. All are
 * addressed by byte from 0; the reader and writer indexes of buffers have no meaning here.
 *
 * <p><b>Ownership:</b> borrowed. The caller owns the memory, keeps it unchanged and unreleased until the request's Mono ends,
 * and then finds reference counts and indexes as they were. After a cancel the device may still read or fill it; the library
 * holds its own reference until the device has answered, so releasing is safe and reusing is not. {@link DmIo#put} or
 * {@link DmIo#close} report when everything is over.
 *
 * <p>Direct memory aligned to the device's {@link DeviceInfo#memoryAlignmentBytes} goes to the kernel without a copy;
 * {@code allocate} of each kind gives such memory. Other memory is copied through the {@link PagePool} and counted there.
 */
public sealed interface IoMemory permits PageList, BioVectors, VmBuffer {

    /**
     * Returns the length of the memory.
     *
     * @return the number of bytes; at least one sector
     */
    long bytes();

    /**
     * Returns a view of some of the bytes that keeps the memory alive.
     *
     * @param from the first byte
     * @param bytes how many, at least 1
     * @return a buffer of exactly that capacity, over the same memory; the caller releases it
     * @throws IndexOutOfBoundsException if the range is not inside the memory
     */
    ByteBuf retainedView(long from, int bytes);

    /**
     * Returns whether a read must not fill this memory.
     *
     * @return true if any part of it is read-only
     */
    boolean readOnly();

    /**
     * Releases the owner's reference of every buffer in this memory. Use it for memory from {@code allocate}; for wrapped
     * buffers it does the same as releasing each of them, so do one or the other.
     */
    void release();
}
