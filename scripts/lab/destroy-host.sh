#!/bin/sh
# Ends a lab host, whatever state it is in, and removes every trace of it: processes, mounts, network
# namespaces, control groups, files. Safe to run twice, also at the same time.
# usage: destroy-host.sh RUN-FOLDER   (the folder's name is the host's: NAME-PID)
folder=$1
[ -n "$folder" ] || { echo "usage: $0 RUN-FOLDER" >&2; exit 2; }
id=odlab-$(basename "$folder")

# cgroup.kill (Linux 5.14) leaves no time for a fork to escape; the older hierarchy only ever mirrors the new.
for top in /sys/fs/cgroup /sys/fs/cgroup/unified; do
  [ -w "$top/$id/cgroup.kill" ] && echo 1 >"$top/$id/cgroup.kill" 2>/dev/null
done

for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  group=$top/$id
  tries=0
  while [ -d "$group" ] && [ "$tries" -lt 100 ]; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$group" ] && sleep 0.05
    tries=$((tries + 1))
  done
done

for namespace in "$id" "$id-pub"; do
  [ -e "/run/netns/$namespace" ] && ip netns del "$namespace"
done
mountpoint -q "$folder/root" && { umount "$folder/root" 2>/dev/null || umount -l "$folder/root"; }
rmdir "/run/systemd/nspawn/propagate/$id" 2>/dev/null
rm -rf --one-file-system -- "$folder"
exit 0
