/** What a Java user would pick instead, and C, on the same files: each run a process of its own. Run by hand. */
@NullMarked
package io.dmio.bench.peers;

import org.jspecify.annotations.NullMarked;
