#!/usr/bin/env bash
# What is looked at on a machine that boot.sh has booted: all of it is thrown away afterwards. Two mirrors are served: store, of a file and a
# disk, and three, of three files of which two do.
#   booted.sh trial|first|second
set -Eeuo pipefail

unit=dmio-mirror@store
three=dmio-mirror@three
store='nbd+unix:///?socket=/run/dmio/store.nbd'
say() { echo "booted.sh: $SECONDS s: $*"; }
fail() {
  say "$*"
  systemctl status --no-pager --lines=0 'dmio-*' || true
  journalctl --no-pager -b -o short-monotonic | tail -n 200
  exit 1
}
trap 'fail "line $LINENO"' ERR
await() { # what, a command that is tried until it succeeds; up to two minutes, which no machine needs
  local what=$1 n
  shift
  for n in $(seq 480); do
    if "$@"; then return 0; fi
    sleep 0.25
  done
  fail "in vain: $what"
}
of() { systemctl show -P "$1" "${2:-$unit}"; }
is() { [ "$(of "$1" "${3:-$unit}")" = "$2" ]; }
logged() { # words, a unit
  grep -q -- "$1" <<<"$(journalctl --no-pager -b -u "${2:-$unit}" -o cat)"
}
times() { journalctl --no-pager -b -u "${2:-$unit}" -o cat | grep -c -- "$1" || true; } # words, a unit
again() { [ "$(times "$2")" -gt "$1" ]; } # how often it was logged before, words
says() { await "in the log: $1" logged "$@"; } # which the journal may get after whoever asked is told
started() { # a unit that was started anew after a failure, and is there again
  [ "$(of NRestarts "$1")" -ge 1 ] && is ActiveState active "$1"
}
same() { # what was written is there, to a client
  nbdcopy "$store" /booted/read
  cmp -n 4194304 /booted/read /booted/written
}
status() { dmio mirror status --name "$1" >/booted/status 2>&1; }

trial() {
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>/dev/null || { echo "there is no Java on the root's file system" && exit 1; }
  head -c 512 /dev/leg >/dev/null
  systemd-run --quiet --wait -p User=nobody -p PrivateTmp=yes -p ProtectSystem=strict -p DevicePolicy=closed true
}

first() {
  install
  ready
  kill -STOP "$(of MainPID "$three")" # to be looked at when its watchdog has noticed
  places
  reload
  refused
  killed
  say "stuck, it is started again"
  await "a start by the watchdog" started "$three"
  says 'Watchdog timeout' "$three"
  missing
  scrub
  lost
  stop
  elsewhere
  # For the next boot: the last scrub by the timer was long ago.
  touch -d '15 days ago' /var/lib/systemd/timers/stamp-dmio-scrub@store.timer
}

install() {
  say "install, as the handbook says"
  dpkg --force-depends -i /booted/dmio.deb >/dev/null
  cat >/etc/dmio/store.toml <<END
legs = ["/srv/a.img", "/dev/leg"]
name = "store"
unix = "/run/dmio/store.nbd"
on-event = "for file in /etc/dmio/x /usr/x /root/x /dev/x; do if touch \$file; then echo \$file >>/srv/written; fi; done; echo \$DMIO_EVENT >>/srv/hook"
END
  cat >/etc/dmio/three.toml <<END
legs = ["/var/lib/dmio/x.img", "/var/lib/dmio/y.img", "/var/lib/dmio/z.img"]
name = "three"
unix = "/run/dmio/three.nbd"
END
  mkdir -p /etc/systemd/system/dmio-scrub@.timer.d
  printf '[Timer]\nRandomizedDelaySec=0\n' >/etc/systemd/system/dmio-scrub@.timer.d/sooner.conf
  systemctl daemon-reload
  dmio mirror create --size 16M --config /etc/dmio/store.toml >/dev/null
  chown dmio: /srv /srv/a.img
  runuser -u dmio -- dmio mirror create --legs-min 2 --size 16M --config /etc/dmio/three.toml >/dev/null
}

ready() {
  say "two mirrors, ready when they say so"
  systemctl enable --now "$unit" "$three"
  for one in store three; do
    is ActiveState active "dmio-mirror@$one"
    is User dmio "dmio-mirror@$one"
    [ -n "$(of StatusText "dmio-mirror@$one")" ]
    [ "$(ps -o user= -p "$(of MainPID "dmio-mirror@$one")")" = dmio ]
    [ -S "/run/dmio/$one.nbd" ]
    status "$one"
    grep -q 'served by process' /booted/status
    if grep WARN /booted/status; then fail "a command warns where all is well"; fi
  done
  head -c 4194304 /dev/urandom >/booted/written
  nbdcopy --flush /booted/written "$store"
}

places() {
  say "it writes to its own places only"
  await "the hook" grep -q STARTED /srv/hook
  [ ! -e /srv/written ] || fail "written: $(cat /srv/written)"
}

reload() {
  local before
  say "reload"
  echo 'rate = "50M"' >>/etc/dmio/store.toml
  systemctl reload "$unit"
  says 'rate from now on'
  dmio mirror status --name store --json | grep -q '"bytesPerSecond":52428800'
  sed -i 's/^rate.*/rate = 5.5.5/' /etc/dmio/store.toml
  if systemctl reload "$unit" 2>/dev/null; then fail "a wrong file was taken"; fi
  says '/etc/dmio/store.toml:5:'
  is ActiveState active
  say "the same by SIGHUP"
  before=$(times 'nothing has changed')
  systemctl kill --kill-who=main -s HUP "$unit"
  await "what is wrong" again "$before" 'nothing has changed: /etc/dmio/store.toml:5:'
  sed -i 's/^rate.*/rate = "40M"/' /etc/dmio/store.toml
  before=$(times 'rate from now on')
  systemctl kill --kill-who=main -s HUP "$unit"
  await "the limit" again "$before" 'rate from now on'
  dmio mirror status --name store --json | grep -q '"bytesPerSecond":41943040'
  is ActiveState active
  is NRestarts 0
}

refused() {
  local what
  say "a wrong configuration is told in a line, and not tried again"
  printf 'legs = ["/srv/d.img"]\nlisten = "127.0.0.1:99999"\n' >/etc/dmio/wrong.toml
  printf 'legs = ["/srv/d.img"]\nlisen = "127.0.0.1:10809"\n' >/etc/dmio/typed.toml
  for what in wrong typed none; do
    if systemctl start "dmio-mirror@$what" 2>/dev/null; then fail "$what.toml is served"; fi
    is SubState failed "dmio-mirror@$what" || fail "$what: $(of SubState "dmio-mirror@$what")"
    is NRestarts 0 "dmio-mirror@$what"
  done
  says '/etc/dmio/wrong.toml:2:1: --listen' dmio-mirror@wrong
  says "/etc/dmio/typed.toml:2:1: 'lisen' is no option" dmio-mirror@typed
  says '/etc/dmio/none.toml: no such file' dmio-mirror@none
  systemctl reset-failed dmio-mirror@{wrong,typed,none}
}

killed() {
  local writer
  say "killed, it is started again, and has each write"
  /usr/bin/python3 /booted/operator_writes.py write "$store" /booted/acknowledged 2>/booted/writer &
  writer=$!
  await "writes" grep -qs 'acknowledged 1000' /booted/acknowledged
  kill -KILL "$(of MainPID)"
  wait "$writer"
  await "a start after a kill" started "$unit"
  same
  /usr/bin/python3 /booted/operator_writes.py check "$store" /booted/acknowledged
  [ "$(find /run/dmio -mindepth 1 | wc -l)" = "$(find /run/dmio -name '*.sock' -o -name '*.nbd' -o -name '*.lock' | wc -l)" ]
}

missing() {
  say "a leg is missing at the start"
  systemctl stop "$three"
  mv /var/lib/dmio/y.img /var/lib/dmio/away
  systemctl start "$three"
  if status three; then fail "nothing is said to be missing"; fi
  grep -q '1  missing' /booted/status
  says 'y.img: no such file' "$three"
  mv /var/lib/dmio/away /var/lib/dmio/y.img
  await "the leg" status three

  say "one that may have gone on alone is waited for"
  systemctl stop "$unit"
  mv /srv/a.img /srv/away
  if systemctl start "$unit" 2>/dev/null; then fail "it is served without a leg that may have gone on alone"; fi
  says 'may have taken writes alone.*/srv/a.img: no such file'
  is ActiveState activating
  mv /srv/away /srv/a.img
  await "a start with the leg" started "$unit"
  same
}

scrub() {
  say "a scrub by the timer, once"
  mkdir -p /etc/systemd/system/dmio-scrub@store.timer.d
  printf '[Timer]\nOnActiveSec=1s\nAccuracySec=1s\n' >/etc/systemd/system/dmio-scrub@store.timer.d/now.conf
  systemctl daemon-reload
  systemctl enable --now dmio-scrub@store.timer
  await "the scrub" logged 'Finished' dmio-scrub@store.service
  is Result success dmio-scrub@store.service
  [ "$(times 'all legs are equal' dmio-scrub@store.service)" = 1 ]
  if logged WARN dmio-scrub@store.service; then fail "a scrub warns where all is well"; fi
  rm -r /etc/systemd/system/dmio-scrub@store.timer.d
}

lost() {
  say "a leg is lost, and replaced by a file that the server makes"
  rm /srv/a.img
  await "the log" logged 'leg 0 is out'
  dmio mirror replace --name store --old 0 --new /srv/c.img >/dev/null
  sed -i s/a.img/c.img/ /etc/dmio/store.toml
  dmio mirror reload --name store >/booted/reload
  grep -qx 'nothing to apply' /booted/reload
}

stop() {
  local client
  say "a stop takes less than its time, also with a client that hangs and a hook that is at it"
  sed -i 's#^on-event.*#on-event = "until [ -e /srv/go ]; do sleep 0.1; done; echo told $DMIO_EVENT >>/srv/hook"#' /etc/dmio/store.toml
  systemctl reload "$unit"
  dmio mirror scrub --name store >/dev/null # an event
  /usr/bin/python3 - "$store" <<'END' &
import nbd, sys, time
client = nbd.NBD()
client.connect_uri(sys.argv[1])
for number in range(64):
    client.aio_pread(nbd.Buffer(1 << 20), number % 16 << 20)
print("asked", file=open("/booted/asked", "w"))
while True:
    time.sleep(1)
END
  client=$!
  await "a client" [ -e /booted/asked ]
  systemctl stop --no-block "$unit"
  await "the stop" is SubState stop-sigterm
  touch /srv/go
  systemctl stop "$three" "$unit"
  is Result success || fail "stopped: $(of Result)"
  is ExecMainStatus 0 || fail "stopped with $(of ExecMainStatus)"
  kill "$client"
  grep -q 'told SCRUBBED' /srv/hook
  [ -z "$(ls -A /run/dmio)" ] || fail "left: $(ls -A /run/dmio)"
  cmp -n 16777216 /srv/c.img /dev/leg
  for leg in y z; do cmp -n 16777216 /var/lib/dmio/x.img "/var/lib/dmio/$leg.img"; done
  dmio mirror status --config /etc/dmio/store.toml >/dev/null # clean
  systemctl start "$three" "$unit"
}

elsewhere() {
  say "legs elsewhere are refused, in words"
  mkdir -m 777 /opt/elsewhere
  runuser -u dmio -- dmio mirror create --size 16M /opt/elsewhere/{a,b}.img >/dev/null
  printf 'legs = ["/opt/elsewhere/a.img", "/opt/elsewhere/b.img"]\nunix = "/run/dmio/e.nbd"\n' >/etc/dmio/elsewhere.toml
  if systemctl start dmio-mirror@elsewhere 2>/dev/null; then fail "legs elsewhere are served"; fi
  systemctl stop dmio-mirror@elsewhere
  says 'EROFS' dmio-mirror@elsewhere
}

second() {
  say "served at boot"
  await "a start" is ActiveState active
  await "a start" is ActiveState active "$three"
  same
  /usr/bin/python3 /booted/operator_writes.py check "$store" /booted/acknowledged
  grep -q 'Deactivated successfully' <<<"$(journalctl --no-pager -b -1 -u "$unit" -o cat)"
  say "the scrub that was missed while the machine was off"
  await "the scrub" logged 'all legs are equal' dmio-scrub@store.service

  say "purge"
  dpkg -P dmio >/dev/null
  is ActiveState inactive && is LoadState not-found
  cmp -n 16777216 /srv/c.img /dev/leg
  cmp -n 4194304 /srv/c.img /booted/written
}

"$1"
