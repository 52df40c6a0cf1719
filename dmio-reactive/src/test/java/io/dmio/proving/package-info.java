/** The examples of docs/testing-your-own.md, which a build compiles and runs. They use what a stranger can use, and nothing else. */
@NullMarked
package io.dmio.proving;

import org.jspecify.annotations.NullMarked;
