/** Options that take no word after them; every other option takes one, or two (below). */
const NO_WORD = new Set(
  (
    '--syn --limit-iface-in --limit-iface-out --set --rcheck --update --remove --rsource --rdest --rttl --reap ' +
    '--connlimit-saddr --connlimit-daddr --physdev-is-in --physdev-is-out --physdev-is-bridged --loose ' +
    '--validmark --accept-local --invert --contiguous --kerneltz --localtz --utc --strict --next --socket-exists ' +
    '--transparent --nowildcard --restore-skmark --icase --soft --rt-0-res --rt-0-not-strict --fragres ' +
    '--fragfirst --fraglast --fragmore --ahres --hbh-not-strict --dst-not-strict --rateest-delta ' +
    '--hashlimit-rate-match --genre-none --random --random-fully --persistent --log-tcp-sequence ' +
    '--log-tcp-options --log-ip-options --log-uid --log-macdecode --save-mark --restore-mark --notrack ' +
    '--clamp-mss-to-pmtu --queue-bypass --queue-cpu-fanout --exist --checksum-fill --save --restore ' +
    '--sack-perm --timestamp --ecn-tcp-cwr --ecn-tcp-ece --ecn-tcp-remove --return-nomatch ' +
    '! --update-counters --update-subcounters --any --flags-all --alarm --map-set-none --crosscpu --tee-local'
  ).split(' '),
);
const TWO_WORDS = new Set([
  '--tcp-flags',
  '--match-set',
  '--add-set',
  '--del-set',
  '--map-set',
  '--sctp-flags',
]);

/** How many words follow the option. `--chunk-types` and the like, whose last words vary, are not modelled. */
export function wordsAfter(option: string): number {
  if (NO_WORD.has(option)) return 0;
  return TWO_WORDS.has(option) ? 2 : 1;
}

/** Options whose word is free text, which may look like an option itself. */
const FREE_TEXT = new Set(
  (
    '--comment --string --hex-string --log-prefix --nflog-prefix --ulog-prefix --name --hashlimit-name --helper ' +
    '--nfacct-name --label --timeout --led-trigger-id --rateest-name --condition --path --selctx'
  ).split(' '),
);

/**
 * Can `next` be the word of this option? An option of a module that is not known here (`-m ipp2p --edk -j DROP`) may
 * take none: the `-j` behind it is the rule's, not its word.
 */
export function takesWord(option: string, next: string | undefined): boolean {
  return FREE_TEXT.has(option) || next === undefined || !/^--?[a-z]/i.test(next);
}

const words = (text: string) => new Set(text.split(' '));

/** The options each target takes; a word after `-j` that is none of them belongs to the matches. */
export const TARGET_OPTIONS: Readonly<Record<string, ReadonlySet<string>>> = {
  REJECT: words('--reject-with'),
  LOG: words(
    '--log-prefix --log-level --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode',
  ),
  NFLOG: words('--nflog-prefix --nflog-group --nflog-range --nflog-size --nflog-threshold'),
  ULOG: words('--ulog-prefix --ulog-nlgroup --ulog-cprange --ulog-qthreshold'),
  MARK: words('--set-mark --set-xmark --and-mark --or-mark --xor-mark'),
  CONNMARK: words(
    '--set-mark --set-xmark --and-mark --or-mark --xor-mark --save-mark --restore-mark --mask --nfmask --ctmask --left-shift-mark --right-shift-mark',
  ),
  DNAT: words('--to-destination --random --persistent'),
  SNAT: words('--to-source --random --random-fully --persistent'),
  REDIRECT: words('--to-ports --random'),
  MASQUERADE: words('--to-ports --random --random-fully'),
  NETMAP: words('--to'),
  CT: words('--notrack --helper --zone --zone-orig --zone-reply --ctevents --expevents --timeout'),
  TPROXY: words('--on-port --on-ip --tproxy-mark'),
  TCPMSS: words('--set-mss --clamp-mss-to-pmtu'),
  TCPOPTSTRIP: words('--strip-options'),
  TTL: words('--ttl-set --ttl-inc --ttl-dec'),
  HL: words('--hl-set --hl-inc --hl-dec'),
  DSCP: words('--set-dscp --set-dscp-class'),
  TOS: words('--set-tos --and-tos --or-tos --xor-tos'),
  CLASSIFY: words('--set-class'),
  NFQUEUE: words('--queue-num --queue-balance --queue-bypass --queue-cpu-fanout'),
  SET: words('--add-set --del-set --map-set --exist --timeout --map-mark --map-prio --map-queue'),
  AUDIT: words('--type'),
  CHECKSUM: words('--checksum-fill'),
  SECMARK: words('--selctx'),
  CONNSECMARK: words('--save --restore'),
  TEE: words('--gateway --oif'),
  RATEEST: words('--rateest-name --rateest-interval --rateest-ewmalog'),
  IDLETIMER: words('--timeout --label --alarm --send_nl_msg'),
  LED: words('--led-trigger-id --led-delay --led-always-blink'),
  SYNPROXY: words('--sack-perm --timestamp --wscale --mss --ecn'),
};
