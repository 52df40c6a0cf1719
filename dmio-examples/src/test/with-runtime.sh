#!/usr/bin/env bash
# Makes of the tar.gz one that needs no Java: a runtime with the modules that the app uses lies in it, which its launcher prefers.
# Made by the JDK of JAVA_HOME, else by that on the path, for machines as this one; tried before it is packed.
#   with-runtime.sh dmio-VERSION.tar.gz [DIRECTORY]
set -euo pipefail

tar=$(readlink -f -- "$1")
to=$(readlink -f -- "${2:-$(dirname -- "$tar")}")
jlink=${JAVA_HOME:+$JAVA_HOME/bin/}jlink
name=$(basename -- "$tar" .tar.gz)
work=$(mktemp -d)
server=
end() {
  if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; fi
  rm -rf -- "$work"
}
trap end EXIT
tar -C "$work" -xzf "$tar"
home=$work/$name

# What jdeps names, less what only parts of the libraries want that are not used here; curves for TLS are found by name alone.
modules=java.base,java.logging,java.management,java.naming,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.unsupported
"$jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress=2 --output "$home/runtime"

cd "$work"
dmio() { env -i PATH=/usr/bin:/bin DMIO_CACHE="$work/cache" "$home/bin/dmio" "$@"; }
dmio --version | grep -Fx "dmio ${name#dmio-}" >/dev/null || { dmio --version >&2; echo "with-runtime.sh: not of $name" >&2; exit 1; }
dmio mirror create --size 16M "$work/a.img" "$work/b.img" >/dev/null
printf 'legs = ["%s/a.img", "%s/b.img"]\nunix = "%s/s"\nmetrics = "0"\n' "$work" "$work" "$work" >m.toml
mkfifo ready
dmio mirror serve --run-dir "$work/run" --config m.toml >ready 2>log &
server=$!
{ read -r line && read -r metrics; } <ready || { cat log >&2; exit 1; }
case $line in *"$work/s"*) ;; *) echo "with-runtime.sh: not ready: $line" >&2; exit 1 ;; esac
dmio mirror scrub --run-dir "$work/run" --config m.toml | grep 'all legs are equal' >/dev/null
curl -s "${metrics#metrics }" | grep '^dmio_mirror_insync.* 1' >/dev/null
kill "$(dmio mirror status --run-dir "$work/run" --json | sed -n 's/.*"server":{"process":\([0-9]*\),.*/\1/p')"
wait "$server"
server=

tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -czf "$to/$name-linux-$(uname -m).tar.gz" "$name"
echo "with-runtime.sh: $to/$name-linux-$(uname -m).tar.gz"
