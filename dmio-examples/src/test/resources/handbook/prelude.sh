# What a rehearsal has besides the commands of its recipe: a machine's places below ROOT, systemd's part played by the lines of the units,
# and dmio by this process, but servers, which are processes of their own.
set -u
mkdir -p "$ROOT"/etc/dmio "$ROOT"/srv "$ROOT"/run/dmio "$ROOT"/mnt "$ROOT"/bin
chmod 700 "$ROOT"/run/dmio
journal=$ROOT/journal
: >"$journal"
PATH=$ROOT/bin:$PATH
cat >"$ROOT/bin/dmio" <<'DMIO'
#!/usr/bin/env bash
case ${2:-} in
  status | resync | scrub | add | remove | replace | split | pause | resume | limit | reload | serve | grow | assemble)
    case " $* " in *' --run-dir '*) ;; *) set -- "$@" --run-dir "$ROOT/run/dmio" ;; esac ;;
esac
if [ "${2:-}" = serve ]; then exec $DMIO_SERVER "$@"; fi
exec 3<>"/dev/tcp/127.0.0.1/$DMIO_PORT"
printf '%s\0' "$#" "$@" >&3
IFS= read -r -d '' code <&3
IFS= read -r -d '' out <&3
IFS= read -r -d '' err <&3
printf '%s' "$out"
printf '%s' "$err" >&2
exit "$code"
DMIO
chmod +x "$ROOT/bin/dmio"
printf '#!/usr/bin/env bash\nexec $DMIO_SERVER "$@"\n' >"$ROOT/dmio" # as in a clone: a process of its own, where it is started
chmod +x "$ROOT/dmio"

await() { # words, in the journal or another file
  local n
  for n in $(seq 900); do
    if grep -qF -- "$1" "${2:-$journal}"; then return 0; fi
    sleep 0.1
  done
  echo "no '$1' in:" && cat "${2:-$journal}"
  return 1
}
awaitState() { # of a leg, by its number, as the status tells it
  local n
  for n in $(seq 300); do
    if dmio mirror status --name store | grep -q "^ *$1  $2 "; then return 0; fi
    sleep 0.1
  done
  echo "leg $1 is not $2:" && dmio mirror status --name store
  return 1
}
line() { # a setting of a unit, for an instance
  sed -n "s/^$1=//p" "$UNITS/$2@.service" \
    | sed "s#%i#$3#g; s#/usr/bin/##; s#/etc/dmio#$ROOT/etc/dmio#g; s#/run/dmio#$ROOT/run/dmio#g"
}
systemctl() {
  local verb=$1 unit=${*: -1}
  unit=${unit%.service}
  local kind=${unit%%@*} name=${unit#*@}
  case $verb-$unit in
    *.timer) return 0 ;;
    start-dmio-scrub*) $(line ExecStart dmio-scrub "$name") >>"$journal" 2>&1 ;;
    enable-* | start-*)
      : >"$journal"
      $(line ExecStart "$kind" "$name") >>"$journal" 2>&1 </dev/null &
      server=$!
      await 'ready '
      ;;
    reload-*) $(line ExecReload "$kind" "$name") >>"$journal" 2>&1 ;;
    stop-*) kill "$server" && wait "$server" ;;
    restart-*) systemctl stop "$unit" 2>/dev/null; systemctl start "$unit" ;; # one that was killed, too
    kill-*) kill -KILL "$server"; wait "$server" 2>/dev/null; true ;;
    is-active-*) kill -0 "$server" ;;
  esac
}
journalctl() { cat "$journal"; }
chown() { true; } # there is no user dmio: what belongs to whom is looked at where a real systemd serves it, in boot.sh
export_leg() { # of a file by nbdkit, with what options
  local name=$1
  shift
  nbdkit --unix "$ROOT/run/$name" --pidfile "$ROOT/run/$name.pid" "$@"
}
store() { # the mirror that recipes are about, served; legs besides the first
  printf 'legs = ["%s"' "$ROOT/srv/a.img" >"$ROOT/etc/dmio/store.toml"
  local leg
  for leg in "$@"; do printf ', "%s"' "$leg" >>"$ROOT/etc/dmio/store.toml"; done
  printf ']\nname = "store"\nunix = "%s/run/dmio/store.nbd"\n' "$ROOT" >>"$ROOT/etc/dmio/store.toml"
  dmio mirror create --size 16M --config "$ROOT/etc/dmio/store.toml" >/dev/null || return 1
  systemctl start dmio-mirror@store
}
