package io.dmio.testkit;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Randomness that can be replayed: {@code @ExtendWith(Seed.class)} gives a test method a {@link SplittableRandom}, and a test
 * that fails prints {@code -Ddmio.seed=…}, which runs it again with the same numbers. A test's numbers depend on the seed and
 * on its name only, not on which tests ran before.
 */
public final class Seed implements ParameterResolver, TestExecutionExceptionHandler {

    /** The system property that fixes the seed. */
    public static final String PROPERTY = "dmio.seed";

    private static final long SEED = Long.getLong(PROPERTY, new SecureRandom().nextInt() & 0xFFFF_FFFFL);

    /**
     * Returns the seed of this run.
     *
     * @return what {@value #PROPERTY} says, or else drawn once for each JVM
     */
    public static long value() {
        return SEED;
    }

    /**
     * Returns random numbers for a part of a test.
     *
     * @param name tells one part from another
     * @return the same numbers for the same seed and name
     */
    public static SplittableRandom random(String name) {
        return new SplittableRandom(SEED * 0x9E37_79B9_7F4A_7C15L + name.hashCode());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == SplittableRandom.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return random(test.getRequiredTestMethod().getName());
    }

    @Override
    public void handleTestExecutionException(ExtensionContext test, Throwable failure) throws Throwable {
        failure.addSuppressed(new Replay());
        throw failure;
    }

    /** Only its message matters: it is printed below the failure. */
    private static final class Replay extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Replay() {
            super("replay with -D" + PROPERTY + "=" + SEED, null, false, false);
        }
    }
}
