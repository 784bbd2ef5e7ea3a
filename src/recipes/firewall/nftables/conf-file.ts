import type { NftChain } from '../nft-listing.ts';

interface Written {
  /** Where the line begins on which the rule does. */
  start: number;
  /** The rule in one line, without comments. */
  text: string;
}

interface Chain {
  rules: Written[];
  /** Where the line of its closing brace begins. */
  end: number;
  indent: string;
}

/**
 * A script for `nft -f` with one rule more, in a chain that it has written out as nft lists it (`table … { chain … {`,
 * nft(8)), ahead of the rule at which it stands in the kernel.
 * @param live how many rules the chain has in the kernel without ours, the number from 1 that ours gets there, and the
 *   text of the rule behind it (null: the policy)
 * @returns undefined where the script has no such chain, or has other rules there than the kernel
 */
export function spliceConf(
  text: string,
  chain: NftChain,
  live: { count: number; position: number; next: string | null },
  rule: string,
): string | undefined {
  const written = findChain(text, chain);
  if (!written) return undefined;
  const { rules, end, indent } = written;
  if (rules.some((one) => one.text === rule)) return text;
  const at =
    rules.length === live.count
      ? (rules[live.position - 1]?.start ?? end)
      : live.next === null
        ? end
        : onlyLike(rules, live.next);
  return at === undefined ? undefined : `${text.slice(0, at)}${indent}${rule}\n${text.slice(at)}`;
}

function onlyLike(rules: readonly Written[], text: string): number | undefined {
  const alike = rules.filter((one) => plain(one.text) === plain(text));
  return alike.length === 1 ? alike[0]?.start : undefined;
}

function plain(rule: string): string {
  return rule
    .replaceAll(/counter( packets \d+ bytes \d+)?/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** The chain, where the script writes it out exactly once, a rule a line. */
function findChain(text: string, { family, table, chain }: NftChain): Chain | undefined {
  const found: Chain[] = [];
  const open: string[] = [];
  let current: Chain | undefined;
  let rule: Written | undefined;
  let offset = 0;
  for (const line of text.split('\n')) {
    const code = withoutComment(line).trim();
    const depth = open.length;
    if (rule) rule.text += ` ${code}`;
    else if (current && depth === 2 && code !== '' && code !== '}') {
      if (/^(?:type|policy|comment|flags)\b/u.test(code)) current.indent = /^\s*/u.exec(line)?.[0] ?? '';
      // Several rules in a line, or those of another file: not what the kernel counts.
      else if (/;|^include\b/u.test(code)) return undefined;
      else rule = { start: offset, text: code };
    }
    let before = '';
    for (const sign of withoutStrings(code)) {
      if (sign === '{') {
        open.push(before.trim());
        if (open.length === 2 && isTable(open[0], family, table) && open[1] === `chain ${chain}`)
          current = { rules: [], end: 0, indent: '\t\t' };
        before = '';
      } else if (sign === '}') {
        if (open.length === 2 && current) {
          found.push({ ...current, end: offset });
          current = undefined;
          if (code !== '}') return undefined;
        }
        open.pop();
        before = '';
      } else before = sign === ';' ? '' : before + sign;
    }
    if (rule && current && open.length === 2 && !code.endsWith('\\')) {
      current.rules.push({ ...rule, text: rule.text.replaceAll(/\s+/gu, ' ').trim() });
      current.indent = /^\s*/u.exec(text.slice(rule.start))?.[0] ?? current.indent;
      rule = undefined;
    }
    offset += line.length + 1;
  }
  return found.length === 1 ? found[0] : undefined;
}

function isTable(header: string | undefined, family: string, table: string): boolean {
  return header === `table ${family} ${table}` || (family === 'ip' && header === `table ${table}`);
}

function withoutComment(line: string): string {
  const at = withoutStrings(line).indexOf('#');
  return at < 0 ? line : line.slice(0, at);
}

/** The same length, with what stands between quotes blanked. */
function withoutStrings(text: string): string {
  return text.replaceAll(/"[^"]*"/gu, (quoted) => '_'.repeat(quoted.length));
}
