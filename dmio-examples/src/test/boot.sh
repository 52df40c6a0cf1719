#!/usr/bin/env bash
# Boots this machine's systemd three times, in namespaces of its own over an overlay of this machine's root that is thrown away afterwards: once
# alone, to see whether it can be booted here, and twice with the package, where booted.sh looks how its units do.
#   boot.sh FILE.deb [SECONDS]      ends after SECONDS, 400 by default; two minutes are usual
#
# Where the machine lacks something (root, systemd, namespaces, an overlay, loop devices, cgroups of version 2), or forbids it, that is told in
# a line, and is no failure. What is booted sees no other process, device, network or cgroup than its own, cannot change the kernel (/proc/sys is
# read-only; capabilities for modules, clock, ports and reboot are dropped) and never hears of a systemd outside. Nothing of it is left, whatever
# ends this script: a process in a session of its own waits for its end, however that comes, and cleans up.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")
skip() { echo "boot.sh: skipped: $*" && exit 0; }

checked() { # what can be seen from outside
  local program
  [ "$(id -u)" = 0 ] || skip "only root may boot"
  [ -x /lib/systemd/systemd ] || skip "systemd is not installed"
  for program in cmp dpkg losetup nbdcopy setpriv unshare; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
  /usr/bin/python3 -c 'import nbd' 2>/dev/null || skip "libnbd's Python is not installed"
  unshare --mount true 2>/dev/null || skip "no namespaces can be made"
}

inside() { # DEB SECONDS; in a mount namespace
  local name=dmio-boot-$$-$SRANDOM
  work=${TMPDIR:-/tmp}/$name
  exec {alive}> >(exec setsid "$0" clean "$work" "$name")
  cleaner=$!
  trap 'exec {alive}>&-; wait "$cleaner"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  exec {deb}<"$1"
  mkdir -m 700 "$work"
  mount -t tmpfs -o mode=755 tmpfs "$work" 2>/dev/null || skip "nothing can be mounted"
  mkdir "$work"/{cgroup,overlay,root,upper}
  mount -t cgroup2 cgroup2 "$work/cgroup" 2>/dev/null || skip "no cgroups of version 2 can be mounted"
  own=$work/cgroup$(own "$name")
  mkdir "$own" 2>/dev/null || skip "no cgroup can be made"
  [ -e "$own/cgroup.kill" ] || skip "the kernel is older than 5.14, and cannot kill a cgroup"
  overlay 2>/dev/null || skip "the root cannot be overlaid"
  prepare
  umount "$work/root"
  device
  boot trial 100 || skip "systemd does not boot here: $(tail -n 1 "$work/said")"
  boot first "$2" || failed first $?
  boot second "$2" || failed second $?
  echo "boot.sh: the units do as they say, in $SECONDS s"
}

own() { # NAME: in this process's cgroup of version 2, wherever it is
  local group
  group=$(sed -n 's/^0:://p' /proc/self/cgroup)
  echo "${group%/}/$1"
}

clean() { # DIRECTORY NAME; waits for the end of standard input, which only its starter writes to
  local own
  trap '' HUP INT TERM
  cd /
  cat >/dev/null
  own=$1/cgroup$(own "$2")
  if [ -d "$own" ]; then
    if [ -e "$own/cgroup.kill" ]; then echo 1 >"$own/cgroup.kill"; fi
    until grep -q 'populated 0' "$own/cgroup.events"; do sleep 0.1; done
    find "$own" -depth -type d -exec rmdir {} +
  fi
  if mountpoint -q "$1"; then umount -R -l "$1"; fi
  if [ -d "$1" ]; then rmdir "$1"; fi
}

overlay() {
  mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" overlay "$work/root"
}

prepare() { # on the overlay, before the first boot
  local root=$work/root
  # Of what this machine does at boot only what comes with systemd.
  rm -rf "$root"/etc/systemd "$root"/etc/rc?.d "$root/etc/fstab" "$root"/{usr/,}lib/systemd/system-generators "$root/usr/local/lib/systemd"
  rm -rf "$root"/{usr/,}lib/systemd/system/{multi-user.target.wants/*,sysinit.target.wants/sys-*} "$root"/{var/log/journal,etc/dmio,var/lib/dmio,var/cache/dmio}
  mkdir -p "$root"/{etc/systemd/system,etc/systemd/system.conf.d,var/log/journal,srv,booted/before}
  cp "$here/booted.sh" "$here/operator_writes.py" "$root/booted"
  cat <&"$deb" >"$root/booted/dmio.deb"
  # No core is written: where the kernel hands them to a program, that one is this machine's. (One byte is the word for it; 0 is not.)
  printf '[Manager]\nDefaultLimitCORE=1\n' >"$root/etc/systemd/system.conf.d/test.conf"
  if [ -n "${JAVA_HOME:-}" ]; then
    printf 'DefaultEnvironment=JAVA_HOME=%s\n' "$JAVA_HOME" >>"$root/etc/systemd/system.conf.d/test.conf"
  fi
  printf '[Unit]\nRequires=multi-user.target booted.service\n' >"$root/etc/systemd/system/booted.target"
  cat >"$root/etc/systemd/system/booted.service" <<END
[Unit]
After=multi-user.target
SuccessAction=exit
FailureAction=exit
FailureActionExitStatus=1
[Service]
Type=oneshot
ExecStart=/booted/booted.sh
StandardOutput=append:/booted/said
StandardError=append:/booted/said
END
}

device() { # a loop device, which the kernel lets go of when this process ends
  local loop n
  truncate -s 32M "$work/leg"
  for n in 1 2 3 4 5; do # another one may take the same meanwhile
    loop=$(losetup --find 2>/dev/null) || skip "there are no loop devices"
    number=$(cat "/sys/block/${loop##*/}/dev" 2>/dev/null) || skip "there are no loop devices"
    rm -f "$work/loop"
    mknod "$work/loop" b "${number%:*}" "${number#*:}" 2>/dev/null || skip "no device can be made"
    { exec {leg}<>"$work/loop"; } 2>/dev/null || skip "no loop device can be opened"
    if configure; then return; fi
    exec {leg}>&-
  done
  skip "no loop device is free"
}

configure() { # LOOP_CONFIGURE with LO_FLAGS_AUTOCLEAR at once, which losetup cannot
  /usr/bin/python3 - "$work/leg" "$leg" <<'END' 2>/dev/null
import fcntl, os, struct, sys
LOOP_CONFIGURE, AUTOCLEAR = 0x4C0A, 4
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(int(sys.argv[2]), LOOP_CONFIGURE, struct.pack("=II52xI176x64x", file, 0, AUTOCLEAR))
END
}

boot() { # which time, SECONDS
  local code=0
  (
    exec {alive}>&- {leg}>&- {deb}<&-
    echo "$BASHPID" >"$own/cgroup.procs"
    exec timeout -s KILL "$(($2 - SECONDS))" \
      unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child "$0" become "$1" "$work" "$number"
  ) >"$work/console" 2>&1 </dev/null &
  { wait $! || code=$?; } 2>/dev/null # where it was killed, that is said elsewhere
  echo 1 >"$own/cgroup.kill"
  if [ "$1" != trial ]; then cat "$work/upper/booted/said" 2>/dev/null || true; fi
  cat "$work/console" "$work/upper/booted/said" >"$work/said" 2>/dev/null || true
  rm -f "$work/upper/booted/said"
  return "$code"
}

failed() { # which time, its exit code; ends the script
  if [ "$2" = 137 ]; then
    echo "boot.sh: the $1 boot did not come to its end; its journal's is:" >&2
    journalctl --no-pager -D "$work/upper/var/log/journal" -b -n 100 >&2 || true
  fi
  cat "$work/console" >&2
  echo "boot.sh: the $1 boot ended with $2" >&2
  exit 1
}

become() { # which time, DIRECTORY, a device's number; in namespaces of its own, where it becomes systemd
  local work=$2 root=$2/root device file
  overlay
  mount -t proc proc "$root/proc"
  for file in sys sysrq-trigger irq bus fs acpi scsi; do
    if [ -e "$root/proc/$file" ]; then
      mount --bind "$root/proc/$file" "$root/proc/$file"
      mount -o remount,bind,ro "$root/proc/$file"
    fi
  done
  cat /proc/sys/kernel/random/uuid >"$work/boot" # a boot of its own, to the journal and to owners of mirrors
  mount --bind "$work/boot" "$root/proc/sys/kernel/random/boot_id"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev"; done
  mknod -m 660 "$root/dev/leg" b "${3%:*}" "${3#*:}"
  chgrp disk "$root/dev/leg"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  sed -i "s#^ExecStart=.*#ExecStart=/booted/booted.sh $1#" "$root/etc/systemd/system/booted.service"
  cd "$root"
  pivot_root . booted/before
  umount -l booted/before
  exec env -i container=dmio setpriv --bounding-set \
    -sys_module,-sys_rawio,-sys_time,-sys_boot,-syslog,-sys_pacct,-wake_alarm,-block_suspend,-mac_admin,-mac_override,-audit_control \
    /lib/systemd/systemd --unit=booted.target --log-target=journal --show-status=no
}

case ${1:-} in
inside | clean | become) "$@" ;;
*)
  checked
  exec unshare --mount --propagation private -- "$0" inside "$(readlink -f -- "$1")" "${2:-400}"
  ;;
esac
