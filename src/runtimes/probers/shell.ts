/**
 * What runs first in a container: looks for the tools in order of how well they tell outcomes apart, and becomes the
 * first one that is there. One exec finds the tool and makes the probe. Everything comes in as an argument, nothing is
 * ever put into the text.
 *
 * BusyBox goes by its nc, which copies bytes; some builds of its wget crash on the option for a deadline (Debian's).
 * Its -w ends connecting alone in some builds, so `timeout` ends the rest (-t before BusyBox 1.30).
 * bash opens `/dev/tcp` only with `timeout` at hand, since a dropped packet would hold it for two minutes. Its own and
 * wget's and curl's words are read by `protocol.ts`.
 */
export const shellProber = `
skip=$1 mode=$2 host=$3 port=$4 tls=$5 seconds=$6 size=$7 payload=$8 url=$9
shift 9
py=$1 js=$2 pl=$3
shift 3
has() { case " $skip " in *" $1 "*) return 1;; esac; [ "$1" = busybox-wget ] || command -v "$1" >/dev/null 2>&1; }
use() { echo "prober $1" >&2; }
limit() {
  if timeout 1 true 2>/dev/null; then timeout "$@"; return; fi
  if timeout -t 1 true 2>/dev/null; then timeout -t "$@"; return; fi
  shift
  "$@"
}
ask() { limit "$1" getent ahosts "$host" || { [ $? = 1 ] && limit "$1" getent hosts "$host"; }; }
named() {
  case "$host" in *:*) return;; *[!0-9.]*) ;; *) return;; esac
  has getent || return
  found=$(ask "$whole")
  case $? in 0) ;; 2) echo "lookup ENOTFOUND" >&2; exit 0;; *) echo "lookup ETIMEDOUT" >&2; exit 0;; esac
  echo "addresses" $(echo "$found" | while read -r one rest; do echo "$one"; done | sort -u) >&2
}
whole=$((\${seconds%.*} + 1))
if has python3; then use python3; exec python3 -IS -c "$py" "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if has node; then use node; exec node -e "$js" -- "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if [ "$tls" = 0 ] && has perl; then use perl; exec perl -e "$pl" -- "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if [ "$mode" = resolve ]; then
  if has getent; then use getent; ask "$whole"; echo "exit $?" >&2; exit 0; fi
  echo "prober none" >&2; exit 0
fi
if has curl; then
  use curl
  curl -q -sv --raw -i --http1.1 -k --path-as-is --noproxy '*' -m "$seconds" "$@" "$url"
  echo "exit $?" >&2; exit 0
fi
if [ "$tls" = 0 ] && has bash && has timeout; then
  use bash
  named
  timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7; echo connected - 0 >&2; [ "$3" = connect ] && exit 0; printf %s "$4" >&3; cat <&3' bash "$host" "$port" "$mode" "$payload"
  echo "exit $?" >&2; exit 0
fi
if has wget && wget --version 2>/dev/null | grep -q GNU; then
  use wget
  wget -S -O - --no-proxy --no-config -t 1 -T "$seconds" --max-redirect=0 --content-on-error --no-check-certificate "$url"
  echo "exit $?" >&2; exit 0
fi
if [ "$tls" = 0 ] && has nc && nc 2>&1 </dev/null | grep -q BusyBox; then
  use nc
  named
  printf %s "$payload" | limit $((whole + 1)) nc -w $whole "$host" "$port"
  echo "exit $?" >&2; exit 0
fi
if has wget && has busybox-wget; then
  use busybox-wget
  wget -S -O - -Y off -T "$whole" "$url"
  echo "exit $?" >&2; exit 0
fi
echo "prober none" >&2
`.trim();
