#!/usr/bin/env bash
# Boots this machine's systemd twice, in namespaces of its own over an overlay of this machine's root that is thrown away afterwards, and
# has booted.sh look there how the units of the package do. Nothing of it is left: no process, no mount, no file. It takes two minutes on a
# machine that is not busy, and is ended after SECONDS, 300 by default.
# Needs root, systemd, loop devices, overlayfs and cgroups of version 2: where one is missing, it says so and does nothing.
#   boot.sh FILE.deb [SECONDS]
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")

boot() { # which time, a loop device; in namespaces of its own, where it becomes systemd
  local root=/mnt/root device
  mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev"; done
  cp -a "$2" "$root/dev/leg"
  chgrp disk "$root/dev/leg"
  chmod 660 "$root/dev/leg"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  sed -i "s#^ExecStart=.*#ExecStart=/booted/booted.sh $1#" "$root/etc/systemd/system/booted.service"
  cd "$root"
  pivot_root . booted/before
  umount -l booted/before
  exec env -i container=dmio /lib/systemd/systemd --unit=booted.target --log-target=journal --show-status=no
}

prepare() { # in a mount namespace: what is on the overlay before the first boot
  local etc=/mnt/upper/etc root=/mnt/root
  mount -t tmpfs -o mode=755 tmpfs /mnt
  mkdir /mnt/upper /mnt/work "$root"
  mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay "$root"
  # Of what this machine does at boot only what comes with systemd.
  rm -rf "$root"/etc/systemd/system/* "$root"/etc/rc?.d "$root/etc/fstab" "$root"/var/log/journal
  mkdir -p "$root/var/log/journal" "$root/booted/before" "$root/etc/systemd/system.conf.d"
  cp "$here/booted.sh" "$root/booted"
  cp "$1" "$root/booted/dmio.deb"
  if [ -n "${JAVA_HOME:-}" ]; then
    printf '[Manager]\nDefaultEnvironment=JAVA_HOME=%s\n' "$JAVA_HOME" >"$root/etc/systemd/system.conf.d/java.conf"
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
  umount "$root"
}

namespaces() { # in a mount namespace: FILE.deb CGROUP LOOP SECONDS
  local time=0 code=0
  echo $$ >"$2/cgroup.procs"
  prepare "$1"
  for time in first second; do
    timeout -s KILL $(($4 - SECONDS)) unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child "$0" boot "$time" "$3" >/mnt/console 2>&1 || code=$?
    cat /mnt/upper/booted/said 2>/dev/null || true
    : >/mnt/upper/booted/said
    if [ "$code" != 0 ]; then
      echo "boot.sh: the $time boot ended with $code" >&2
      cat /mnt/console >&2
      return 1
    fi
  done
}

case ${1:-} in
boot | namespaces)
  "$@"
  exit
  ;;
esac

skip() { echo "boot.sh: skipped: $*" && exit 0; }
[ "$(id -u)" = 0 ] || skip "only root may boot"
[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
grep -q 'overlay$' /proc/filesystems || skip "the kernel has no overlayfs"
cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
[ -n "$cgroups" ] || skip "no cgroups of version 2 are mounted"
own=$cgroups/dmio-boot-$$
mkdir "$own" 2>/dev/null || skip "no cgroup can be made in $cgroups"
work=$(mktemp -d)
loop=
end() {
  echo 1 >"$own/cgroup.kill"
  while grep -q 'populated 1' "$own/cgroup.events"; do sleep 0.1; done
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  find "$own" -depth -type d -exec rmdir {} +
  rm -rf -- "$work"
}
trap end EXIT
truncate -s 32M "$work/leg"
loop=$(losetup --find --show "$work/leg") || skip "no loop device can be made"
deb=$(readlink -f -- "$1")
if ! unshare --mount --propagation private -- "$0" namespaces "$deb" "$own" "$loop" "${2:-300}"; then exit 1; fi
echo "boot.sh: the units do as they say"
