#!/usr/bin/env bash
# Makes of the tar.gz with a runtime the root of an image, with nothing from a network: the package, a shell and the few programs that the
# launcher needs, and the libraries of these and of the runtime, all of this machine. Tried in it before it is packed, as root.
#   as-image.sh dmio-VERSION-linux-ARCH.tar.gz [DIRECTORY]
set -euo pipefail

tar=$(readlink -f -- "$1")
to=$(readlink -f -- "${2:-$(dirname -- "$tar")}")
name=$(basename -- "$tar" .tar.gz)
user=10001
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
root=$work/root

mkdir -p "$root"/{opt,bin,usr/bin,etc,proc,dev,run/dmio,var/lib/dmio,var/cache/dmio}
mkdir -m 1777 "$root/tmp"
tar -C "$root/opt" -xzf "$tar"
mv "$root/opt"/* "$root/opt/dmio"
chmod -R a+rX "$root/opt"
ln -s /opt/dmio/bin/dmio "$root/usr/bin/dmio"

with_libraries() { # a program or a library, at its own path, and what the loader brings with it
  { echo "$1"; ldd "$1" 2>/dev/null | grep -o '/[^ )]*' || true; } | while read -r file; do
    case $file in "$root"/*) continue ;; esac # the runtime's own
    [ -e "$root$file" ] || install -D "$(readlink -f -- "$file")" "$root$file"
  done
}
for program in sh cat head mkdir mv readlink rm sed touch; do with_libraries "$(command -v "$program")"; done
[ -e "$root/bin/sh" ] || ln -s "$(command -v sh)" "$root/bin/sh"
find "$root/opt/dmio/runtime" -type f \( -name java -o -name '*.so' \) | while read -r part; do
  with_libraries "$part"
done

printf 'root:x:0:0::/:/bin/sh\ndmio:x:%s:%s::/var/lib/dmio:/bin/sh\n' $user $user >"$root/etc/passwd"
printf 'root:x:0:\ndmio:x:%s:\n' $user >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
chown $user:$user "$root"/run/dmio "$root"/var/{lib,cache}/dmio

# Its mounts are gone with it, whatever happens.
trial='mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; cd "$1"
set -- chroot --userspec='$user:$user' "$1" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/var/lib/dmio DMIO_CACHE=/var/cache/dmio dmio mirror
"$@" create --size 16M /var/lib/dmio/a.img /var/lib/dmio/b.img
"$@" scrub /var/lib/dmio/a.img /var/lib/dmio/b.img'
with_libraries "$(command -v env)"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 444 "$root/dev/urandom" c 1 9
unshare --mount sh -euc "$trial" sh "$root" | grep 'all legs are equal'
rm -r "$root"/dev/* "$root"/var/lib/dmio/* # the archive of classes stays, so that the first start is quick

tar -C "$root" --sort=name --numeric-owner -cf "$to/$name-root.tar" .
echo "as-image.sh: $to/$name-root.tar"
