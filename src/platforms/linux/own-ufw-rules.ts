import type { OwnRule } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';

/** Where ufw keeps a user's rules (ufw(8), "FILES"). */
const files = ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'] as const;

/** Rules by which ufw lets a subnet in for us; undefined where its files may not be read. */
export async function lookAtOwnUfwRules(
  machine: Machine,
): Promise<{ ownRules: OwnRule[]; guarded: number[] } | undefined> {
  const read = await Promise.all(files.map((path) => machine.read(path)));
  const texts = read.map((one) =>
    one.outcome === 'read' ? one.text : one.outcome === 'absent' ? '' : undefined,
  );
  if (texts.includes(undefined)) return undefined;
  return {
    ownRules: texts.flatMap((text) => parseOwnTuples(text ?? '')),
    guarded: [...new Set(texts.flatMap((text) => parseGuardTuples(text ?? '')))],
  };
}

const mark = Buffer.from('ollama-doctor').toString('hex');

/**
 * The rules of ours in the text of a file of ufw's: `### tuple ### allow tcp 11434 0.0.0.0/0 any 172.18.0.0/16 in
 * comment=HEX`, the comment in hexadecimal (ufw 0.36, backend_iptables.py `_write_rules`). Never throws.
 */
export function parseOwnTuples(text: string): OwnRule[] {
  const tuple =
    /^### tuple ### allow tcp (\d+) (?:0\.0\.0\.0\/0|::\/0) any (\S+\/\d+) in comment=([0-9a-f]+)\s*$/gmu;
  return [...text.matchAll(tuple)].flatMap(([, port, subnet = '', comment]): OwnRule[] => {
    if (comment !== mark || /^(?:0\.0\.0\.0|::)\/0$/u.test(subnet)) return [];
    const words = `allow from ${subnet} to any port ${port} proto tcp`;
    return [{ subnet, port: Number(port), text: words, place: { kind: 'ufw' } }];
  });
}

/** The ports that a rule of ours denies to everybody, in the text of such a file. */
export function parseGuardTuples(text: string): number[] {
  const tuple = /^### tuple ### deny tcp (\d+) (0\.0\.0\.0\/0|::\/0) any \2 in comment=([0-9a-f]+)\s*$/gmu;
  return [...text.matchAll(tuple)].flatMap(([, port, , comment]) => (comment === mark ? [Number(port)] : []));
}
