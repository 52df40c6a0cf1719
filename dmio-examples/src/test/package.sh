#!/usr/bin/env bash
# Installs the .deb that mvn -Pdist package has made, serves a mirror from a file by it, upgrades it to a later version while clients write
# and verify, goes back, and takes it off again. Needs root, and a Debian that is thrown away afterwards.
#   package.sh FILE.deb
set -euo pipefail

deb=$(readlink -f -- "$1")
here=$(dirname -- "$(readlink -f -- "$0")")
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
named=${deb##*/dmio_}
expect "dmio ${named%_all.deb}" version
man -w dmio-mirror-serve >/dev/null 2>&1 || [ -f /usr/share/man/man1/dmio-mirror-serve.1.gz ]
expect '"bomFormat" : "CycloneDX"' /usr/share/doc/dmio/dmio.cdx.json
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify /usr/lib/systemd/system/dmio-mirror@.service 2>units || true
  if grep -q 'dmio-.*: ' units; then cat units >&2; exit 1; fi
fi

dmio mirror create --size 16M "$work/a.img" "$work/b.img" >/dev/null
printf 'legs = ["%s/a.img", "%s/b.img"]\nunix = "%s/m.nbd"\n' "$work" "$work" "$work" >/etc/dmio/package-test.toml
dmio mirror config check /etc/dmio/package-test.toml >/dev/null
sha256sum /etc/dmio/package-test.toml >config
mkfifo ready
serve() {
  dmio mirror serve --config /etc/dmio/package-test.toml >ready 2>>serve.log &
  served=$!
  read -r line <ready
  case $line in *m.nbd*) ;; *) echo "package.sh: not ready: $line" >&2; exit 1 ;; esac
}
stop() {
  kill -TERM "$served"
  wait "$served"
  served=
  dmio mirror status --config /etc/dmio/package-test.toml >status
  expect 'in sync' status
}
serve
dmio mirror status --config /etc/dmio/package-test.toml >status
expect 'served by process' status

before=$(dpkg-query -W -f '${Version}' dmio)
fio --name=verify --ioengine=nbd --uri="nbd+unix:///?socket=$work/m.nbd" --rw=randwrite --bs=4k --size=8M --verify=crc32c \
  --verify_backlog=64 --verify_fatal=1 --verify_state_save=0 --time_based --runtime=15 --rate_iops=400 --output=fio.log &
verifying=$!
"$here/newer.sh" "$deb" newer.deb
dpkg --force-depends -i newer.deb >log 2>&1 # an upgrade, while it runs
[ "$(dpkg-query -W -f '${Version}' dmio)" = "$before+newer" ]
if compgen -G '/usr/lib/dmio/lib/*[!r].jar' >left; then echo "package.sh: jars of the older version are left" >&2; exit 1; fi
kill -0 "$served"
sha256sum --quiet -c config
# Commands are of the later version now, and the server of the older one, whose jars are gone.
dmio mirror replace --config /etc/dmio/package-test.toml --old 0 --new "$work/c.img" >replace
dmio mirror scrub --config /etc/dmio/package-test.toml >scrub
expect 'all legs are equal' scrub
wait "$verifying" || { cat fio.log >&2; exit 1; }
sed -i s/a.img/c.img/ /etc/dmio/package-test.toml
stop
if grep -E 'NoClassDefFound|ClassNotFound|ZipFile' serve.log; then exit 1; fi
serve # by the later version
dmio mirror status --config /etc/dmio/package-test.toml >status
expect 'served by process' status
stop
cmp -n 16777216 b.img c.img

dpkg --force-depends -i "$deb" >log 2>&1 # and back: as the format of legs is the same, nothing else is to be done
expect 'downgrading dmio' log
dmio mirror scrub --config /etc/dmio/package-test.toml >scrub
expect 'all legs are equal' scrub
dpkg -P dmio >log 2>&1
if [ -e /usr/bin/dmio ] || [ -e /usr/lib/dmio ]; then echo "package.sh: something is left" >&2; exit 1; fi
echo "package.sh: installed, served, upgraded, downgraded and removed"
