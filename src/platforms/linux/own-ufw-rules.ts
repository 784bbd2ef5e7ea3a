import type { OwnRule } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';

/** Where ufw keeps a user's rules (ufw(8), "FILES"). */
const files = ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'] as const;

/** Rules by which ufw lets a subnet in for us; undefined where its files may not be read. */
export async function lookAtOwnUfwRules(machine: Machine): Promise<OwnRule[] | undefined> {
  const read = await Promise.all(files.map((path) => machine.read(path)));
  const texts = read.map((one) =>
    one.outcome === 'read' ? one.text : one.outcome === 'absent' ? '' : undefined,
  );
  return texts.includes(undefined) ? undefined : texts.flatMap((text) => parseOwnTuples(text ?? ''));
}

/**
 * The rules of ours in the text of a file of ufw's: `### tuple ### allow tcp 11434 0.0.0.0/0 any 172.18.0.0/16 in
 * comment=HEX`, the comment in hexadecimal (ufw 0.36, backend_iptables.py `_write_rules`). Never throws.
 */
export function parseOwnTuples(text: string): OwnRule[] {
  const mark = Buffer.from('ollama-doctor').toString('hex');
  const tuple =
    /^### tuple ### allow tcp (\d+) (?:0\.0\.0\.0\/0|::\/0) any (\S+\/\d+) in comment=([0-9a-f]+)\s*$/gmu;
  return [...text.matchAll(tuple)].flatMap(([, port, subnet = '', comment]): OwnRule[] => {
    if (comment !== mark || /^(?:0\.0\.0\.0|::)\/0$/u.test(subnet)) return [];
    const words = `allow from ${subnet} to any port ${port} proto tcp`;
    return [{ subnet, port: Number(port), text: words, place: { kind: 'ufw' } }];
  });
}
