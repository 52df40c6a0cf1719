package io.dmio.app.cli;

/**
 * The address where a server listens.
 *
 * @param host a name, or an address without brackets
 * @param port the port; 0 for any that is free
 */
public record HostPort(String host, int port) {

    private static final String LOOPBACK = "127.0.0.1";

    /**
     * Reads {@code PORT} or {@code HOST:PORT}.
     *
     * @param text as the user gave it; a port alone means the loopback
     * @param option the option whose value it is
     * @param right what would be right, for the message
     * @throws IllegalArgumentException if it is neither; the message has option and right form
     */
    public static HostPort parse(String text, String option, String right) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? LOOPBACK : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        int port = port(text.substring(colon + 1), option + " " + text);
        if (host.isEmpty() || (host.contains(":") && !text.startsWith("["))) {
            throw new IllegalArgumentException(option + " " + text + ": write HOST:PORT, as in " + right);
        }
        return new HostPort(host, port);
    }

    private static int port(String text, String what) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 0xffff) {
                return port;
            }
        } catch (NumberFormatException refusedBelow) {
            // as any other number that is not a port
        }
        throw new IllegalArgumentException(what + ": '" + text + "' is no port; 0 takes any that is free");
    }
}
