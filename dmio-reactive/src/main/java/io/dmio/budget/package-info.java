/**
 * The parts behind {@link io.dmio.PageBudget}: claims that hold pages, claims that wait for them, and work that runs while it holds some.
 *
 * <p>Internal: not part of the API, not exported, not in the published Javadoc.
 */
@NullMarked
package io.dmio.budget;

import org.jspecify.annotations.NullMarked;
