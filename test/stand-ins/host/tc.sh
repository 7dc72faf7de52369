#!/bin/sh
# A strict stand-in of `tc` from iproute2, for machines whose kernel has no netem: it takes exactly the calls that the delay
# port makes, keeps the discipline in $TC_STATE, and answers errors in tc's words and with its status.
state="$TC_STATE"
echo "$*" >> "$state.log"
case "$*" in
  "-json qdisc show dev eth9") cat "$state" 2>/dev/null || echo '[{"kind":"fq_codel","handle":"0:","root":true,"options":{}}]' ;;
  "qdisc add dev eth9 root handle a40a: netem delay "*ms)
    [ -e "$state" ] && { echo 'Error: Exclusivity flag on, cannot modify.' >&2; exit 2; }
    milliseconds="${10%ms}"
    [ -n "$TC_DEAF" ] && milliseconds=1
    printf '[{"kind":"netem","handle":"a40a:","root":true,"options":{"limit":1000,"delay":{"delay":%s,"jitter":0,"correlation":0}}}]' \
      "$(awk "BEGIN { printf \"%.3f\", $milliseconds / 1000 }")" > "$state" ;;
  "qdisc del dev eth9 root handle a40a:")
    grep -q a40a: "$state" 2>/dev/null || { echo 'Error: Invalid handle.' >&2; exit 2; }
    rm "$state" ;;
  *) echo "Command \"$*\" is unknown, try \"tc help\"." >&2; exit 1 ;;
esac
