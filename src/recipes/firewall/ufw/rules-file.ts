/** A rule of ufw's as its own file has it: one of ufw's numbers, and one or more lines for iptables. */
interface Tuple {
  /** Offset in the text where it begins. */
  start: number;
  /** How many lines it has in the chain for packets that come in. */
  lines: number;
  /** Made from an application profile: ufw may show several tuples of one profile under one number. */
  isApplication: boolean;
}

/**
 * ufw's rules in the order of their numbers, from the text of /etc/ufw/user.rules or user6.rules (what ufw writes there:
 * backend_iptables.py, `_write_rules`: `### tuple ### ACTION PROTO DPORT DST SPORT SRC [DAPP SAPP] DIRECTION …`).
 */
export function parseTuples(text: string): Tuple[] {
  const tuples: Tuple[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/u);
    if (line.startsWith('### tuple ###')) {
      const fields = words.slice(3).filter((word) => !word.startsWith('comment='));
      tuples.push({ start: offset, lines: 0, isApplication: fields.length > 7 });
    } else if (line.startsWith('### END RULES')) break;
    else if (/^-A ufw6?-user-input\s/u.test(line)) {
      const last = tuples.at(-1);
      if (last) last.lines += 1;
    }
    offset += line.length + 1;
  }
  return tuples;
}

/**
 * The number (from 1) of ufw's rule that has the given line of the chain; undefined where the file does not tell
 * for sure.
 * @param line number of the line in ufw-user-input, from 1
 */
export function tupleOfLine(tuples: readonly Tuple[], line: number): number | undefined {
  let seen = 0;
  for (const [index, tuple] of tuples.entries()) {
    if (tuple.isApplication) return undefined;
    seen += tuple.lines;
    if (seen >= line) return index + 1;
  }
  return undefined;
}

/** The text with one more rule ahead of the given number, or behind all others: what ufw will have written. */
export function withTuple(text: string, number: number | undefined, tuple: string): string {
  const tuples = parseTuples(text);
  const end = /^### END RULES/mu.exec(text)?.index ?? text.length;
  const at = (number === undefined ? undefined : tuples[number - 1]?.start) ?? end;
  return `${text.slice(0, at)}${tuple}\n\n${text.slice(at)}`;
}
