/**
 * What runs first in a container: looks for the tools in order of how well they tell outcomes apart, and becomes the
 * first one that is there. One exec finds the tool and makes the probe. Everything comes in as an argument, nothing is
 * ever put into the text.
 *
 * bash opens `/dev/tcp` only with `timeout` at hand, since a dropped packet would hold it for two minutes. Its own and
 * wget's and curl's words are read by `protocol.ts`.
 */
export const shellProber = `
skip=$1 mode=$2 host=$3 port=$4 tls=$5 seconds=$6 size=$7 payload=$8 url=$9
shift 9
py=$1 js=$2 pl=$3
shift 3
has() { case " $skip " in *" $1 "*) return 1;; esac; command -v "$1" >/dev/null 2>&1; }
use() { echo "prober $1" >&2; }
if has python3; then use python3; exec python3 -IS -c "$py" "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if has node; then use node; exec node -e "$js" -- "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if [ "$tls" = 0 ] && has perl; then use perl; exec perl -e "$pl" -- "$mode" "$host" "$port" "$tls" "$seconds" "$size" "$payload"; fi
if [ "$mode" = resolve ]; then
  if has getent; then use getent; getent ahosts "$host"; echo "exit $?" >&2; exit 0; fi
  echo "prober none" >&2; exit 0
fi
if has curl; then
  use curl
  curl -q -sv --raw -i --http1.1 -k --path-as-is --noproxy '*' -m "$seconds" "$@" "$url"
  echo "exit $?" >&2; exit 0
fi
if [ "$tls" = 0 ] && has bash && has timeout; then
  use bash
  case "$host" in *:*) named=no;; *[!0-9.]*) named=yes;; *) named=no;; esac
  if [ $named = yes ] && has getent; then
    found=$(timeout "$seconds" getent ahosts "$host")
    case $? in 0) ;; 2) echo "lookup ENOTFOUND"; exit 0;; *) echo "lookup ETIMEDOUT"; exit 0;; esac >&2
    echo "addresses $(echo "$found" | while read -r one rest; do echo "$one"; done | sort -u | tr '\\n' ' ')" >&2
  fi
  timeout "$seconds" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7; echo connected - 0 >&2; [ "$3" = connect ] && exit 0; printf %s "$4" >&3; cat <&3' bash "$host" "$port" "$mode" "$payload"
  echo "exit $?" >&2; exit 0
fi
if has wget; then
  if wget --version 2>/dev/null | grep -q GNU; then
    use wget
    wget -S -O - --no-proxy --no-config -t 1 -T "$seconds" --max-redirect=0 --content-on-error --no-check-certificate "$url"
  else
    use busybox-wget
    wget -S -O - -Y off -T "\${seconds%.*}" "$url"
  fi
  echo "exit $?" >&2; exit 0
fi
echo "prober none" >&2
`.trim();
