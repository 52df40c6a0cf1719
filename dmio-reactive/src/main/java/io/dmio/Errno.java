package io.dmio;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The error numbers of Linux by name, with the values of x86_64, arm64 and all other machines that keep to the kernel's
 * {@code asm-generic/errno.h}. Each has its meaning here and, where there is something, what a person can do about it. A number
 * without a name here (the kernel's own, above 511, which some drivers leak) counts as {@link #EIO}, and
 * {@link DeviceException#number()} keeps it.
 */
public enum Errno {
    /** Operation not permitted: also an overwrite of a file that is sealed or immutable. */
    EPERM(1, "not permitted: run as a user who may"),
    /** No such file or directory. */
    ENOENT(2, "no such file or directory"),
    /** No such process. */
    ESRCH(3, "no such process"),
    /** Interrupted system call; devices call again by themselves. */
    EINTR(4, "interrupted"),
    /** Input/output error: the device failed, or a read goes beyond its end. */
    EIO(5, "the device failed"),
    /** No such device or address: a disk that is gone, a server that cannot be reached. */
    ENXIO(6, "no such device or address"),
    /** Argument list too long. */
    E2BIG(7, "too many arguments"),
    /** Exec format error. */
    ENOEXEC(8, "not executable"),
    /** Bad file descriptor. */
    EBADF(9, "not open, or not open for this"),
    /** No child processes. */
    ECHILD(10, "no such child process"),
    /** Resource temporarily unavailable, so try again; devices do so by themselves. */
    EAGAIN(11, "out of a resource for the moment"),
    /** Cannot allocate memory: of the process, or of the machine. */
    ENOMEM(12, "out of memory"),
    /** Permission denied. */
    EACCES(13, "permission denied: check the file's owner and mode"),
    /** Bad address. */
    EFAULT(14, "bad memory address"),
    /** Block device required. */
    ENOTBLK(15, "not a block device"),
    /** Device or resource busy: open, locked or mounted elsewhere. */
    EBUSY(16, "in use by somebody else"),
    /** File exists. */
    EEXIST(17, "exists already"),
    /** Invalid cross-device link. */
    EXDEV(18, "on another file system"),
    /** No such device. */
    ENODEV(19, "no such device"),
    /** Not a directory. */
    ENOTDIR(20, "a part of the path is not a directory"),
    /** Is a directory. */
    EISDIR(21, "is a directory"),
    /** Invalid argument: misaligned, longer than a transfer, or memory that must not be changed. */
    EINVAL(22, "misaligned or impossible"),
    /** Too many open files in system. */
    ENFILE(23, "too many files are open on this machine"),
    /** Too many open files. */
    EMFILE(24, "too many files are open in this process: close some, or raise the limit (ulimit -n)"),
    /** Inappropriate ioctl for device. */
    ENOTTY(25, "not a device for this call"),
    /** Text file busy. */
    ETXTBSY(26, "a program that is running"),
    /** File too large: for its file system, or for the limits of the process. */
    EFBIG(27, "larger than the file may be"),
    /** No space left on device: it is full, or a write goes beyond its end. */
    ENOSPC(28, "no space left, or beyond the end"),
    /** Illegal seek. */
    ESPIPE(29, "cannot be positioned: a pipe"),
    /** Read-only file system: a change of a device that is open for reading only, or must not be changed. */
    EROFS(30, "read-only"),
    /** Too many links. */
    EMLINK(31, "too many links"),
    /** Broken pipe. */
    EPIPE(32, "nobody reads any more"),
    /** Numerical argument out of domain. */
    EDOM(33, "outside the function's domain"),
    /** Numerical result out of range. */
    ERANGE(34, "outside the range"),
    /** Resource deadlock avoided. */
    EDEADLK(35, "would wait for itself"),
    /** File name too long. */
    ENAMETOOLONG(36, "the name is too long"),
    /** No locks available. */
    ENOLCK(37, "no locks left, or the file system has none"),
    /** Function not implemented. */
    ENOSYS(38, "the kernel does not have this call, or a filter forbids it"),
    /** Directory not empty. */
    ENOTEMPTY(39, "the directory is not empty"),
    /** Too many levels of symbolic links. */
    ELOOP(40, "symbolic links that lead in a circle, or too many of them"),
    /** No message of desired type. */
    ENOMSG(42, "no message of this type"),
    /** Identifier removed. */
    EIDRM(43, "the identifier was removed"),
    /** Channel number out of range, of channels as System V had them. */
    ECHRNG(44, "channel number out of range"),
    /** Level 2 not synchronized, of channels as System V had them. */
    EL2NSYNC(45, "level 2 is not synchronized"),
    /** Level 3 halted, of channels as System V had them. */
    EL3HLT(46, "level 3 is halted"),
    /** Level 3 reset, of channels as System V had them. */
    EL3RST(47, "level 3 was reset"),
    /** Link number out of range, of channels as System V had them. */
    ELNRNG(48, "link number out of range"),
    /** Protocol driver not attached, of channels as System V had them. */
    EUNATCH(49, "the protocol's driver is not attached"),
    /** No CSI structure available, of channels as System V had them. */
    ENOCSI(50, "no CSI structure left"),
    /** Level 2 halted, of channels as System V had them. */
    EL2HLT(51, "level 2 is halted"),
    /** Invalid exchange: for disks, also a path whose reservation another host holds. */
    EBADE(52, "invalid exchange"),
    /** Invalid request descriptor. */
    EBADR(53, "invalid request descriptor"),
    /** Exchange full. */
    EXFULL(54, "the exchange is full"),
    /** No anode. */
    ENOANO(55, "no anode"),
    /** Invalid request code. */
    EBADRQC(56, "invalid request code"),
    /** Invalid slot. */
    EBADSLT(57, "invalid slot"),
    /** Bad font file format. */
    EBFONT(59, "bad font file"),
    /** Device not a stream. */
    ENOSTR(60, "not a stream"),
    /** No data available: disks report it for sectors that they lost. */
    ENODATA(61, "the medium has lost this data"),
    /** Timer expired. */
    ETIME(62, "the timer ran out"),
    /** Out of streams resources. */
    ENOSR(63, "out of streams"),
    /** Machine is not on the network. */
    ENONET(64, "the machine is not on the network"),
    /** Package not installed: a jar is missing, see {@link Feature}. */
    ENOPKG(65, "the package is not installed"),
    /** Object is remote. */
    EREMOTE(66, "the object is on another machine"),
    /** Link has been severed: a path to the device is gone. */
    ENOLINK(67, "the link was cut: a path to the device is gone"),
    /** Advertise error, of the Remote File Sharing of System V. */
    EADV(68, "advertising failed"),
    /** Srmount error, of the Remote File Sharing of System V. */
    ESRMNT(69, "mounting it for others failed"),
    /** Communication error on send. */
    ECOMM(70, "sending failed"),
    /** Protocol error. */
    EPROTO(71, "protocol error"),
    /** Multihop attempted. */
    EMULTIHOP(72, "more than one hop was attempted"),
    /** RFS specific error, of the Remote File Sharing of System V. */
    EDOTDOT(73, "RFS failed"),
    /** Bad message: a checksum says that what was read is not what was written. */
    EBADMSG(74, "what was read is not what was written: a checksum is wrong"),
    /** Value too large for defined data type. */
    EOVERFLOW(75, "too large for its type"),
    /** Name not unique on network. */
    ENOTUNIQ(76, "the name is not unique on the network"),
    /** File descriptor in bad state. */
    EBADFD(77, "the descriptor is in a bad state"),
    /** Remote address changed. */
    EREMCHG(78, "the remote address changed"),
    /** Can not access a needed shared library. */
    ELIBACC(79, "a shared library cannot be had"),
    /** Accessing a corrupted shared library. */
    ELIBBAD(80, "a shared library is damaged"),
    /** The {@code .lib} section of a shared library is corrupted. */
    ELIBSCN(81, "a shared library's section is damaged"),
    /** Attempting to link in too many shared libraries. */
    ELIBMAX(82, "too many shared libraries"),
    /** Cannot exec a shared library directly. */
    ELIBEXEC(83, "a shared library is not a program"),
    /** Invalid or incomplete multibyte character; for disks, wrong protection information. */
    EILSEQ(84, "checksum or sequence is wrong"),
    /** Interrupted system call should be restarted. */
    ERESTART(85, "interrupted, to be called again"),
    /** Streams pipe error. */
    ESTRPIPE(86, "a stream's pipe failed"),
    /** Too many users. */
    EUSERS(87, "too many users"),
    /** Socket operation on non-socket. */
    ENOTSOCK(88, "not a socket"),
    /** Destination address required. */
    EDESTADDRREQ(89, "no destination was given"),
    /** Message too long. */
    EMSGSIZE(90, "the message is too long"),
    /** Protocol wrong type for socket. */
    EPROTOTYPE(91, "the wrong protocol for this socket"),
    /** Protocol not available. */
    ENOPROTOOPT(92, "the protocol does not have this option"),
    /** Protocol not supported. */
    EPROTONOSUPPORT(93, "this protocol is not to be had"),
    /** Socket type not supported. */
    ESOCKTNOSUPPORT(94, "this type of socket is not to be had"),
    /** Operation not supported: the device lacks the {@link Capability}. */
    EOPNOTSUPP(95, "the device cannot do this"),
    /** Protocol family not supported. */
    EPFNOSUPPORT(96, "this family of protocols is not to be had"),
    /** Address family not supported by protocol. */
    EAFNOSUPPORT(97, "the protocol does not have this family of addresses"),
    /** Address already in use. */
    EADDRINUSE(98, "the address is in use"),
    /** Cannot assign requested address. */
    EADDRNOTAVAIL(99, "the address is not of this machine"),
    /** Network is down. */
    ENETDOWN(100, "the network is down"),
    /** Network is unreachable. */
    ENETUNREACH(101, "no way to that network"),
    /** Network dropped connection on reset. */
    ENETRESET(102, "the network dropped the connection"),
    /** Software caused connection abort. */
    ECONNABORTED(103, "the connection was given up"),
    /** Connection reset by peer. */
    ECONNRESET(104, "the other side reset the connection"),
    /** No buffer space available. */
    ENOBUFS(105, "no memory for buffers"),
    /** Transport endpoint is already connected. */
    EISCONN(106, "connected already"),
    /** Transport endpoint is not connected. */
    ENOTCONN(107, "not connected"),
    /** Cannot send after transport endpoint shutdown: here, an object that was closed. */
    ESHUTDOWN(108, "closed"),
    /** Too many references: cannot splice. */
    ETOOMANYREFS(109, "too many references"),
    /** Connection timed out: no answer in time from a device or a server. */
    ETIMEDOUT(110, "no answer in time"),
    /** Connection refused. */
    ECONNREFUSED(111, "nobody listens there"),
    /** Host is down. */
    EHOSTDOWN(112, "the host is down"),
    /** No route to host. */
    EHOSTUNREACH(113, "no way to that host"),
    /** Operation already in progress. */
    EALREADY(114, "on its way already"),
    /** Operation now in progress. */
    EINPROGRESS(115, "on its way"),
    /** Stale file handle: what was opened is no longer there, and something else may be. */
    ESTALE(116, "the server no longer has this file: open it again"),
    /** Structure needs cleaning: a file system is damaged. */
    EUCLEAN(117, "the file system is damaged: check it (fsck)"),
    /** Not a XENIX named type file. */
    ENOTNAM(118, "not a XENIX file of a named type"),
    /** No XENIX semaphores available. */
    ENAVAIL(119, "no XENIX semaphores left"),
    /** Is a named type file, of XENIX. */
    EISNAM(120, "a file of a named type"),
    /** Remote I/O error: for disks, an invalid command; for the network, a failure of the other side. */
    EREMOTEIO(121, "the remote side failed"),
    /** Disk quota exceeded. */
    EDQUOT(122, "quota exceeded"),
    /** No medium found. */
    ENOMEDIUM(123, "no medium in the drive"),
    /** Wrong medium type. */
    EMEDIUMTYPE(124, "the wrong type of medium"),
    /** Operation canceled: before it was done. */
    ECANCELED(125, "cancelled"),
    /** Required key not available. */
    ENOKEY(126, "the key is missing: unlock the directory"),
    /** Key has expired. */
    EKEYEXPIRED(127, "the key has expired"),
    /** Key has been revoked. */
    EKEYREVOKED(128, "the key was revoked"),
    /** Key was rejected by service. */
    EKEYREJECTED(129, "the key was rejected"),
    /** Owner died. */
    EOWNERDEAD(130, "the owner died"),
    /** State not recoverable. */
    ENOTRECOVERABLE(131, "the state cannot be recovered"),
    /** Operation not possible due to RF-kill. */
    ERFKILL(132, "radio is switched off"),
    /** Memory page has hardware error. */
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
     * Returns the error with the given number.
     *
     * @param number a positive Linux errno
     * @return the error, or {@link #EIO} for a number that Linux has no name for
     */
    public static Errno of(int number) {
        return BY_NUMBER.getOrDefault(number, EIO);
    }

    /**
     * Returns the meaning of an error number, for a message.
     *
     * @param number a positive Linux errno
     * @return a phrase in lower case; the number itself if Linux has no name for it
     */
    public static String meaning(int number) {
        Errno known = BY_NUMBER.get(number);
        return known == null ? "error number " + number + ", which has no name" : known.meaning;
    }

    /**
     * Returns the Linux number of this error.
     *
     * @return the number, positive
     */
    public int number() {
        return number;
    }

    /**
     * Returns the meaning of this error, for a message.
     *
     * @return a phrase in lower case
     */
    public String meaning() {
        return meaning;
    }
}
