/**
 * Network block devices, both ends of the protocol: any {@link io.dmio.BlockDevice} served to real clients, and any remote
 * export as a device. After the protocol document of the NetworkBlockDevice project (doc/proto.md).
 */
@NullMarked
package io.dmio.nbd;

import org.jspecify.annotations.NullMarked;
