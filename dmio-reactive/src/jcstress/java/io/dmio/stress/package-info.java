/** Where threads meet without a lock: what a processor or a compiler may reorder, on real threads. Run by hand; docs/testing.md. */
package io.dmio.stress;
