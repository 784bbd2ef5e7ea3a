#!/bin/sh
# Waits until whoever booted a lab host is gone, however it went (this script's input ends then), and
# removes what is left of the host. Started in a session of its own, so that Ctrl-C does not end it too.
# usage: janitor.sh RUN-FOLDER
trap '' HUP INT TERM
cat >/dev/null
exec sh "$(dirname "$0")/destroy-host.sh" "$1"
