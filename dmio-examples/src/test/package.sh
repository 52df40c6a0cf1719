#!/usr/bin/env bash
# Installs the .deb that mvn -Pdist package has made, serves a mirror from a file by it, upgrades it while the mirror runs, and takes it
# off again. Needs root, and a Debian that is thrown away afterwards.
#   package.sh FILE.deb
set -euo pipefail

deb=$(readlink -f -- "$1")
work=$(mktemp -d)
served=
finish() {
  if [ -n "$served" ]; then kill "$served" 2>/dev/null || true; fi
  rm -rf -- "$work" /etc/dmio/package-test.toml
}
trap finish EXIT
cd "$work"
expect() { # what it says, in a line
  grep -qF -- "$1" "$2" || { echo "package.sh: no '$1' in:" >&2; cat "$2" >&2; exit 1; }
}

dpkg --force-depends -i "$deb" >log 2>&1 || { cat log >&2; exit 1; } # a Java is there, by whatever name
dmio --version >version
expect dmio version
man -w dmio-mirror-serve >/dev/null 2>&1 || [ -f /usr/share/man/man1/dmio-mirror-serve.1 ]
expect '"bomFormat" : "CycloneDX"' /usr/share/doc/dmio/dmio.cdx.json
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify /usr/lib/systemd/system/dmio-mirror@.service 2>units || true
  if grep -q 'dmio-.*: ' units; then cat units >&2; exit 1; fi
fi

dmio mirror create --size 16M "$work/a.img" "$work/b.img" >/dev/null
printf 'legs = ["%s/a.img", "%s/b.img"]\nunix = "%s/m.nbd"\n' "$work" "$work" "$work" >/etc/dmio/package-test.toml
dmio mirror config check /etc/dmio/package-test.toml >/dev/null
mkfifo ready
dmio mirror serve --config /etc/dmio/package-test.toml >ready 2>serve.log &
served=$!
read -r line <ready
case $line in *m.nbd*) ;; *) echo "package.sh: not ready: $line" >&2; exit 1 ;; esac
dmio mirror status --config /etc/dmio/package-test.toml >status
expect 'served by process' status

dpkg --force-depends -i "$deb" >log 2>&1 # an upgrade, while it runs
kill -0 "$served"
dmio mirror scrub --config /etc/dmio/package-test.toml >scrub
expect 'all legs are equal' scrub

kill -TERM "$served"
wait "$served"
served=
dmio mirror status --config /etc/dmio/package-test.toml >status
expect 'in sync' status
dpkg -P dmio >log 2>&1
if [ -e /usr/bin/dmio ] || [ -e /usr/lib/dmio ]; then echo "package.sh: something is left" >&2; exit 1; fi
echo "package.sh: installed, served, upgraded and removed"
