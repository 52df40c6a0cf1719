#!/usr/bin/env bash
# Makes of a .deb one of a later version of which no jar has the name that it had, as that of a real one.
#   newer.sh FILE.deb NEWER.deb
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
dpkg-deb -R "$1" "$work/root"
sed -i 's/^Version: .*/&+newer/' "$work/root/DEBIAN/control"
sed -i -E 's#(usr/lib/dmio/lib/.*)\.jar$#\1-newer.jar#' "$work/root/DEBIAN/md5sums"
for jar in "$work"/root/usr/lib/dmio/lib/*.jar; do mv "$jar" "${jar%.jar}-newer.jar"; done
dpkg-deb --root-owner-group -b "$work/root" "$2" >/dev/null
