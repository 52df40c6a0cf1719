package io.dmio;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Linux's error numbers by their names, with the numbers of x86_64, arm64 and all other machines that keep to the kernel's
 * {@code asm-generic/errno.h}; each with what it means here and, where there is something, what a person can do about it. A
 * number that is not among them (the kernel's own, above 511, which some drivers leak) counts as {@link #EIO}, and
 * {@link DeviceException#number()} keeps it.
 */
public enum Errno {
    EPERM(1, "not permitted: run as a user who may"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted"),
    EIO(5, "the device failed"),
    ENXIO(6, "no such device or address"),
    E2BIG(7, "too many arguments"),
    ENOEXEC(8, "not executable"),
    EBADF(9, "not open, or not open for this"),
    ECHILD(10, "no such child process"),
    EAGAIN(11, "out of a resource for the moment"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied: check the file's owner and mode"),
    EFAULT(14, "bad memory address"),
    ENOTBLK(15, "not a block device"),
    EBUSY(16, "in use by somebody else"),
    EEXIST(17, "exists already"),
    EXDEV(18, "on another file system"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "a part of the path is not a directory"),
    EISDIR(21, "is a directory"),
    EINVAL(22, "misaligned or impossible"),
    ENFILE(23, "too many files are open on this machine"),
    EMFILE(24, "too many files are open in this process: close some, or raise the limit (ulimit -n)"),
    ENOTTY(25, "not a device for this call"),
    ETXTBSY(26, "a program that is running"),
    EFBIG(27, "larger than the file may be"),
    ENOSPC(28, "no space left, or beyond the end"),
    ESPIPE(29, "cannot be positioned: a pipe"),
    EROFS(30, "read-only"),
    EMLINK(31, "too many links"),
    EPIPE(32, "nobody reads any more"),
    EDOM(33, "outside the function's domain"),
    ERANGE(34, "outside the range"),
    EDEADLK(35, "would wait for itself"),
    ENAMETOOLONG(36, "the name is too long"),
    ENOLCK(37, "no locks left, or the file system has none"),
    ENOSYS(38, "the kernel does not have this call, or a filter forbids it"),
    ENOTEMPTY(39, "the directory is not empty"),
    ELOOP(40, "symbolic links that lead in a circle, or too many of them"),
    ENOMSG(42, "no message of this type"),
    EIDRM(43, "the identifier was removed"),
    ECHRNG(44, "channel number out of range"),
    EL2NSYNC(45, "level 2 is not synchronized"),
    EL3HLT(46, "level 3 is halted"),
    EL3RST(47, "level 3 was reset"),
    ELNRNG(48, "link number out of range"),
    EUNATCH(49, "the protocol's driver is not attached"),
    ENOCSI(50, "no CSI structure left"),
    EL2HLT(51, "level 2 is halted"),
    EBADE(52, "invalid exchange"),
    EBADR(53, "invalid request descriptor"),
    EXFULL(54, "the exchange is full"),
    ENOANO(55, "no anode"),
    EBADRQC(56, "invalid request code"),
    EBADSLT(57, "invalid slot"),
    EBFONT(59, "bad font file"),
    ENOSTR(60, "not a stream"),
    ENODATA(61, "the medium has lost this data"),
    ETIME(62, "the timer ran out"),
    ENOSR(63, "out of streams"),
    ENONET(64, "the machine is not on the network"),
    ENOPKG(65, "the package is not installed"),
    EREMOTE(66, "the object is on another machine"),
    ENOLINK(67, "the link was cut: a path to the device is gone"),
    EADV(68, "advertising failed"),
    ESRMNT(69, "mounting it for others failed"),
    ECOMM(70, "sending failed"),
    EPROTO(71, "protocol error"),
    EMULTIHOP(72, "more than one hop was attempted"),
    EDOTDOT(73, "RFS failed"),
    EBADMSG(74, "what was read is not what was written: a checksum is wrong"),
    EOVERFLOW(75, "too large for its type"),
    ENOTUNIQ(76, "the name is not unique on the network"),
    EBADFD(77, "the descriptor is in a bad state"),
    EREMCHG(78, "the remote address changed"),
    ELIBACC(79, "a shared library cannot be had"),
    ELIBBAD(80, "a shared library is damaged"),
    ELIBSCN(81, "a shared library's section is damaged"),
    ELIBMAX(82, "too many shared libraries"),
    ELIBEXEC(83, "a shared library is not a program"),
    EILSEQ(84, "checksum or sequence is wrong"),
    ERESTART(85, "interrupted, to be called again"),
    ESTRPIPE(86, "a stream's pipe failed"),
    EUSERS(87, "too many users"),
    ENOTSOCK(88, "not a socket"),
    EDESTADDRREQ(89, "no destination was given"),
    EMSGSIZE(90, "the message is too long"),
    EPROTOTYPE(91, "the wrong protocol for this socket"),
    ENOPROTOOPT(92, "the protocol does not have this option"),
    EPROTONOSUPPORT(93, "this protocol is not to be had"),
    ESOCKTNOSUPPORT(94, "this type of socket is not to be had"),
    EOPNOTSUPP(95, "the device cannot do this"),
    EPFNOSUPPORT(96, "this family of protocols is not to be had"),
    EAFNOSUPPORT(97, "the protocol does not have this family of addresses"),
    EADDRINUSE(98, "the address is in use"),
    EADDRNOTAVAIL(99, "the address is not of this machine"),
    ENETDOWN(100, "the network is down"),
    ENETUNREACH(101, "no way to that network"),
    ENETRESET(102, "the network dropped the connection"),
    ECONNABORTED(103, "the connection was given up"),
    ECONNRESET(104, "the other side reset the connection"),
    ENOBUFS(105, "no memory for buffers"),
    EISCONN(106, "connected already"),
    ENOTCONN(107, "not connected"),
    ESHUTDOWN(108, "closed"),
    ETOOMANYREFS(109, "too many references"),
    ETIMEDOUT(110, "no answer in time"),
    ECONNREFUSED(111, "nobody listens there"),
    EHOSTDOWN(112, "the host is down"),
    EHOSTUNREACH(113, "no way to that host"),
    EALREADY(114, "on its way already"),
    EINPROGRESS(115, "on its way"),
    ESTALE(116, "the server no longer has this file: open it again"),
    EUCLEAN(117, "the file system is damaged: check it (fsck)"),
    ENOTNAM(118, "not a XENIX file of a named type"),
    ENAVAIL(119, "no XENIX semaphores left"),
    EISNAM(120, "a file of a named type"),
    EREMOTEIO(121, "the remote side failed"),
    EDQUOT(122, "quota exceeded"),
    ENOMEDIUM(123, "no medium in the drive"),
    EMEDIUMTYPE(124, "the wrong type of medium"),
    ECANCELED(125, "cancelled"),
    ENOKEY(126, "the key is missing: unlock the directory"),
    EKEYEXPIRED(127, "the key has expired"),
    EKEYREVOKED(128, "the key was revoked"),
    EKEYREJECTED(129, "the key was rejected"),
    EOWNERDEAD(130, "the owner died"),
    ENOTRECOVERABLE(131, "the state cannot be recovered"),
    ERFKILL(132, "radio is switched off"),
    EHWPOISON(133, "a page of memory has failed in hardware");

    private static final Map<Integer, Errno> BY_NUMBER =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Errno::number, Function.identity()));

    private final int number;
    private final String meaning;

    Errno(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /**
     * Finds an error by its number.
     *
     * @param number a positive Linux errno
     * @return the error, or {@link #EIO} for a number that Linux has no name for
     */
    public static Errno of(int number) {
        return BY_NUMBER.getOrDefault(number, EIO);
    }

    /**
     * What an error number means, for a message.
     *
     * @param number a positive Linux errno
     * @return a phrase in lower case; the number itself if Linux has no name for it
     */
    public static String meaning(int number) {
        Errno known = BY_NUMBER.get(number);
        return known == null ? "error number " + number + ", which has no name" : known.meaning;
    }

    /**
     * The Linux number.
     *
     * @return the number, positive
     */
    public int number() {
        return number;
    }

    /**
     * What it means, for a message.
     *
     * @return a phrase in lower case
     */
    public String meaning() {
        return meaning;
    }
}
