#!/usr/bin/env bash
# What short commands take, by two installed versions in turn: medians in seconds of processor time and of the whole, and how many classes
# are loaded, and how many of these from no archive.
#   start.sh OLD/bin/dmio NEW/bin/dmio [ROUNDS]
set -euo pipefail

old=$(readlink -f -- "$1")
new=$(readlink -f -- "$2")
rounds=${3:-15}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
head -c 100M /dev/urandom >source
"$new" mirror create --size 16M a.img b.img >/dev/null

TIMEFORMAT='%U %S %R'
once() { # the command's words after its version
  local version=$1
  shift
  rm -f one two
  { time "$version" "$@" >/dev/null 2>&1 </dev/null; } 2>&1 | awk '{ print $1 + $2, $3 }'
}
median() { cut -d' ' -f"$1" "$2" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

while read -r line; do
  read -ra words <<<"$line"
  rm -f old.times new.times
  for ((i = 0; i < rounds; i++)); do
    once "$old" "${words[@]}" >>old.times
    once "$new" "${words[@]}" >>new.times
  done
  for version in old new; do
    rm -f one two
    DMIO_JAVA_OPTS=-Xlog:class+load:file=classes.log "${!version}" "${words[@]}" >/dev/null 2>&1 </dev/null
    printf '%-40s %s: %s of processor, %s in all, %s classes, %s of them from no archive\n' "$line" "$version" \
      "$(median 1 "$version.times")" "$(median 2 "$version.times")" "$(wc -l <classes.log)" "$(grep -vc 'shared objects file' classes.log)"
  done
done <<END
--version
--help
info source
mirror status a.img b.img
copy source one two
END
