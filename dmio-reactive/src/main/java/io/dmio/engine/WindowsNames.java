package io.dmio.engine;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Knows the names that Windows takes for devices, in any directory and with any extension: {@code nul.img} is not a file, and what is written
 * there is gone.
 */
final class WindowsNames {

    private static final Pattern DEVICE = Pattern.compile(
            "(con|prn|aux|nul|conin\\$|conout\\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])");

    private WindowsNames() {}

    /** Returns whether an operating system has such names. */
    static boolean apply(String osName) {
        return osName.startsWith("Windows");
    }

    /** Returns whether a path, as Windows writes it, is the name of a device. */
    static boolean isDevice(String path) {
        if (path.startsWith("\\\\.\\")) {
            return true;
        }
        String name = path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
        int end = 0;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != ':') {
            end++;
        }
        return DEVICE.matcher(name.substring(0, end).strip().toLowerCase(Locale.ROOT))
                .matches();
    }
}
