#!/usr/bin/env bash
# A session of an operator, as real processes: the package is installed, a mirror of three legs is made from a file and served by the lines of
# its unit as the user dmio; clients write and verify throughout, while a leg is lost, replaced, the legs are compared, the server is killed,
# started without a leg, reloaded, upgraded and stopped. No write that was acknowledged may be lost, and all views say the same.
# Needs root, fio, libnbd for Python, chromium with its driver, and a Debian that is thrown away afterwards. A few minutes at most.
#   operator.sh FILE.deb [NEWER.deb]
set -euo pipefail

deb=$(readlink -f -- "$1")
here=$(dirname -- "$(readlink -f -- "$0")")
legs=/var/lib/dmio/operator
run=/run/dmio
config=/etc/dmio/operator.toml
uri="nbd+unix:///?socket=$run/operator.nbd"
work=$(mktemp -d)
newer=$(readlink -f -- "${2:-$work/newer.deb}")
server=
children=()
end() {
  for child in "${children[@]}" $server; do kill -KILL "$child" 2>/dev/null || true; done
  rm -rf -- "$work" "$legs" "$config" "$run/operator.nbd"*
  chown root:root "$run" # as servers of root make it
}
trap end EXIT
say() { echo "operator.sh: $*"; }
fail() {
  say "$*" >&2
  for file in "$work"/*; do echo "== $file" && tail -n 30 "$file"; done >&2
  exit 1
}
await() { # what, a command that is tried until it succeeds; up to a minute
  local what=$1 n
  shift
  for n in $(seq 240); do
    if "$@"; then return 0; fi
    sleep 0.25
  done
  fail "in vain: $what"
}
unit() { # a line of the unit for this mirror
  sed -n "s/^$1=//p" /usr/lib/systemd/system/dmio-mirror@.service | sed 's/%i/operator/g'
}
start() {
  : >"$work/serve.out"
  # shellcheck disable=SC2046  # a line of words
  runuser -u dmio -- env DMIO_CACHE=/var/cache/dmio $(unit ExecStart) >"$work/serve.out" 2>>"$work/serve.log" &
  children+=($!)
  await "ready" grep -q '^metrics ' "$work/serve.out"
  metrics=$(sed -n 's/^metrics //p' "$work/serve.out")
  metrics=${metrics%/metrics}
  server=$({ dmio mirror status --name operator --json 2>/dev/null || true; } | sed -n 's/.*"process":\([0-9]*\),"name":"operator".*/\1/p')
  [ -n "$server" ] || fail "the server does not say its number"
}
health() { curl -s -o "$work/health" -w '%{http_code}' "$metrics/health" | grep -x "$1" >/dev/null; }
state() { curl -s "$metrics/metrics" | grep "^dmio_mirror_leg_state{.*device=\"$legs/$1\".*state=\"$2\".*} 1" >/dev/null; }
status() { # the exit code, and words that the table has
  local code=0
  dmio mirror status --name operator >"$work/status" 2>&1 || code=$?
  [ "$code" = "$1" ] || return 1
  grep -q -- "$2" "$work/status"
}
page() { # what a browser sees, or does
  /usr/bin/python3 "$here/operator_page.py" "$(dmio mirror page --name operator)" "$@" >"$work/page" 2>&1
}
insync() { # by every view
  await "status: all in sync" status 0 'in sync'
  await "health: all in sync" health 200
  for leg in "$@"; do await "metrics: $leg" state "$leg" in_sync; done
  page sees '#health-word' Healthy || fail "the page does not say that all is well"
}
verify() { # by fio, in the first half; for seconds
  fio --name=verify --ioengine=nbd --uri="$uri" --rw=randwrite --bs=4k --size=16M --verify=crc32c --verify_backlog=256 \
    --verify_fatal=1 --verify_state_save=0 --time_based --runtime="$1" --iodepth=4 --rate_iops=400 --randseed="$1" --output="$work/fio.$1"
}

say "install"
dpkg --force-depends -i "$deb" >"$work/dpkg" 2>&1 || fail "the package is not installed"
install -d -o dmio -g dmio -m 0755 "$run" # RuntimeDirectory=, StateDirectory= and CacheDirectory=
install -d -o dmio -g dmio "$legs" /var/cache/dmio
cat >"$config" <<END
legs = ["$legs/a.img", "$legs/b.img", "$legs/c.img"]
name = "operator"
unix = "$run/operator.nbd"
metrics = "0"
page = "0"
rate = "100M"
on-event = "echo \$DMIO_EVENT \$DMIO_LEG >>$legs/hook"
END
dmio mirror config check "$config" >/dev/null
runuser -u dmio -- dmio mirror create --legs-min 2 --size 64M "$legs/a.img" "$legs/b.img" "$legs/c.img" >/dev/null

say "start, and fill"
start
insync a.img b.img c.img
/usr/bin/python3 "$here/operator_writes.py" write "$uri" "$work/acknowledged" 2>"$work/writer" &
writer=$!
children+=("$writer")
verify 30 &
verifying=$!
children+=("$verifying")

say "a leg is lost"
rm "$legs/b.img"
await "log" grep -q 'WARN  mirror: leg 1 is out' "$work/serve.log"
await "hook" grep -qx 'LEG_FAILED 1' "$legs/hook"
await "status" status 2 '1  failed'
await "metrics" state b.img failed
await "health" health 429
grep -q 'leg 1' "$work/health" || fail "health does not say which leg"
page sees "[data-leg='1'] .badge" Failed || fail "the page does not say which leg"

say "replace it"
dmio mirror replace --name operator --old 1 --new "$legs/d.img" >"$work/replace" 2>&1 || fail "it is not replaced"
sed -i 's/b.img/d.img/' "$config"
runuser -u dmio -- $(unit ExecReload) >"$work/reload" 2>&1 || fail "the file does not say what runs"
insync a.img c.img d.img
await "hook" grep -qx 'LEG_REMOVED 1' "$legs/hook"

say "compare, by the page"
page scrub || fail "the page does not say that they are equal"
await "log" grep -q ' 0 differ' "$work/serve.log"
wait "$verifying" || fail "fio read what was not written"
kill -0 "$writer" || fail "the writer has ended"

say "kill it"
kill -KILL "$server"
wait "$writer" || fail "the writer did not end as it should"
say "$(wc -l <"$work/acknowledged") lines of the writer"

say "start it without a leg"
mv "$legs/d.img" "$legs/away"
start
await "status" status 2 'missing'
await "health" health 429
/usr/bin/python3 "$here/operator_writes.py" check "$uri" "$work/acknowledged" || fail "a write was lost"
mv "$legs/away" "$legs/d.img"
insync a.img c.img d.img
verify 5 || fail "fio read what was not written"

say "reload"
sed -i 's/100M/7M/; s/^metrics.*/connections = 9/' "$config"
code=0
runuser -u dmio -- $(unit ExecReload) >"$work/reload" 2>&1 || code=$?
[ "$code" = 2 ] && grep -q 'rate' "$work/reload" && grep -q "$config:4:1: connections" "$work/reload" || fail "reload: $code"
dmio mirror status --name operator --json | grep '"bytesPerSecond":7340032' >/dev/null || fail "the limit is not that of the file"
sed -i 's/^connections.*/metrics = "0"/' "$config"

say "upgrade"
[ -n "${2:-}" ] || "$here/newer.sh" "$deb" "$newer"
dpkg --force-depends -i "$newer" >"$work/dpkg" 2>&1
insync a.img c.img d.img
kill -TERM "$server"
await "the end" grep -q . <(tail --pid="$server" -f /dev/null; echo over)
start
insync a.img c.img d.img
/usr/bin/python3 "$here/operator_writes.py" check "$uri" "$work/acknowledged" || fail "a write was lost"

say "stop"
kill -TERM "$server"
wait "${children[-1]}" || fail "it does not end in good order"
server=
for leg in c.img d.img; do cmp -n 67108864 "$legs/a.img" "$legs/$leg" || fail "$leg differs"; done
dpkg -P dmio >"$work/dpkg" 2>&1
say "no acknowledged write was lost, and every view said the same"
