#!/usr/bin/env bash
# What is looked at on a machine that boot.sh has booted: all of it is thrown away afterwards.
#   booted.sh first|second
set -Eeuo pipefail

unit=dmio-mirror@store
say() { echo "booted.sh: $SECONDS s: $*"; }
fail() {
  say "$*"
  systemctl status --no-pager --lines=0 "$unit" "dmio-scrub@store*" || true
  journalctl --no-pager -b -o short-monotonic | tail -n 150
  exit 1
}
trap 'fail "line $LINENO"' ERR
await() { # what, a command that is tried until it succeeds; up to half a minute
  local what=$1 n
  shift
  for n in $(seq 120); do
    if "$@"; then return 0; fi
    sleep 0.25
  done
  fail "in vain: $what"
}
of() { systemctl show -P "$1" "${2:-$unit}"; }
is() { [ "$(of "$1" "${3:-$unit}")" = "$2" ]; }
logged() { grep -q -- "$1" <<<"$(journalctl --no-pager -b "${2:+-u}" ${2:+"$2"} -o cat)"; }
same() { # what was written is there, to a client
  nbdcopy 'nbd+unix:///?socket=/run/dmio/store.nbd' /booted/read
  cmp -n 4194304 /booted/read /booted/written
}
restarted() { # how often, and is there again
  is NRestarts "$1" && is ActiveState active
}

first() {
  say "install, as the handbook says"
  dpkg --force-depends -i /booted/dmio.deb >/dev/null
  cat >/etc/dmio/store.toml <<END
legs = ["/srv/a.img", "/dev/leg"]
name = "store"
unix = "/run/dmio/store.nbd"
on-event = "for file in /etc/dmio/x /usr/x /root/x /dev/x; do if touch \$file; then echo \$file >>/srv/written; fi; done; echo \$DMIO_EVENT >>/srv/hook"
END
  mkdir -p /etc/systemd/system/dmio-{mirror@.service,scrub@.timer}.d
  printf '[Service]\nWatchdogSec=10s\nRestartSec=1s\n' >/etc/systemd/system/dmio-mirror@.service.d/sooner.conf
  printf '[Timer]\nRandomizedDelaySec=0\n' >/etc/systemd/system/dmio-scrub@.timer.d/sooner.conf
  systemctl daemon-reload
  rm -f /srv/a.img
  dmio mirror create --size 16M --config /etc/dmio/store.toml >/dev/null
  chown dmio: /srv /srv/a.img

  say "ready is ready"
  systemctl enable --now "$unit"
  is ActiveState active && is User dmio
  [ -S /run/dmio/store.nbd ]
  dmio mirror status --name store >/booted/status 2>&1
  grep -q 'served by process' /booted/status
  if grep WARN /booted/status; then fail "a command warns where all is well"; fi
  [ "$(ps -o user= -p "$(of MainPID)")" = dmio ]
  head -c 4194304 /dev/urandom >/booted/written
  nbdcopy --flush /booted/written 'nbd+unix:///?socket=/run/dmio/store.nbd'
  [ -n "$(of StatusText)" ]

  say "it writes to its own places only"
  await "the hook" grep -q STARTED /srv/hook
  [ ! -e /srv/written ] || fail "written: $(cat /srv/written)"

  say "reload"
  echo 'rate = "50M"' >>/etc/dmio/store.toml
  systemctl reload "$unit"
  logged 'from now on: rate' "$unit"
  sed -i 's/^rate.*/rate = 5.5.5/' /etc/dmio/store.toml
  if systemctl reload "$unit" 2>/dev/null; then fail "a wrong file was taken"; fi
  logged '/etc/dmio/store.toml:5:' "$unit"
  is ActiveState active
  sed -i 's/^rate.*/rate = "50M"/' /etc/dmio/store.toml
  systemctl reload "$unit"

  say "killed, it is started again"
  kill -KILL "$(of MainPID)"
  await "a second start" restarted 1
  same

  say "stuck, it is started again"
  kill -STOP "$(of MainPID)"
  await "a third start" restarted 2
  logged 'Watchdog timeout' "$unit"
  same

  say "a scrub by the timer, once"
  mkdir -p /etc/systemd/system/dmio-scrub@store.timer.d
  printf '[Timer]\nOnActiveSec=1s\nAccuracySec=1s\n' >/etc/systemd/system/dmio-scrub@store.timer.d/now.conf
  systemctl daemon-reload
  systemctl enable --now dmio-scrub@store.timer
  await "the scrub" logged 'Finished' dmio-scrub@store.service
  is Result success dmio-scrub@store.service
  [ "$(journalctl --no-pager -b -u dmio-scrub@store.service -o cat | grep -c 'all legs are equal')" = 1 ]
  if logged WARN dmio-scrub@store.service; then fail "a scrub warns where all is well"; fi
  rm -r /etc/systemd/system/dmio-scrub@store.timer.d

  say "a leg is lost, and replaced by a file that the server makes"
  rm /srv/a.img
  await "the log" logged 'leg 0 is out' "$unit"
  dmio mirror replace --name store --old 0 --new /srv/c.img >/dev/null
  sed -i s/a.img/c.img/ /etc/dmio/store.toml
  dmio mirror reload --name store >/booted/reload
  grep -qx 'nothing to apply' /booted/reload

  say "a stop takes less than its time"
  systemctl stop "$unit"
  is Result success && is ExecMainStatus 0 || is ExecMainStatus 143
  [ ! -e /run/dmio/store.nbd ]
  cmp -n 16777216 /srv/c.img /dev/leg
  systemctl start "$unit"

  say "legs elsewhere are refused, in words"
  mkdir -m 777 /opt/elsewhere
  runuser -u dmio -- dmio mirror create --size 16M /opt/elsewhere/{a,b}.img >/dev/null
  printf 'legs = ["/opt/elsewhere/a.img", "/opt/elsewhere/b.img"]\nunix = "/run/dmio/e.nbd"\n' >/etc/dmio/elsewhere.toml
  if systemctl start dmio-mirror@elsewhere; then fail "legs elsewhere are served"; fi
  systemctl stop dmio-mirror@elsewhere
  logged 'EROFS' dmio-mirror@elsewhere

  # For the next boot: the last scrub by the timer was long ago.
  touch -d '15 days ago' /var/lib/systemd/timers/stamp-dmio-scrub@store.timer
}

second() {
  say "served at boot"
  await "a start" is ActiveState active
  same
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
