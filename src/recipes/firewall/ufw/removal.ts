import type { CommandChange } from '../../../changes/change.ts';
import type { Planning } from '../../recipe.ts';
import { readRules } from './allow.ts';
import { added, addedRules, ufwFiles } from './command.ts';
import { parseTuples } from './rules-file.ts';

/** Takes one rule of ours away through ufw; undo puts it back under its number. Adds to the draft. */
export async function ufwRemoval(
  { machine, draft }: Planning,
  words: string,
  summary: string,
): Promise<CommandChange> {
  const rule = words.split(' ');
  const now = await addedRules(machine);
  await readRules(machine, draft.files);
  return {
    kind: 'command',
    summary,
    apply: ['ufw', 'delete', ...rule],
    undo: [['ufw', ...placeOf(draft.files, words), ...rule, 'comment', 'ollama-doctor']],
    inForce: { argv: added, line: `ufw ${words} comment 'ollama-doctor'`, absent: true },
    ...(now ? { madeFrom: { argv: added, lines: now } } : {}),
    rewrites: [ufwFiles[4], ufwFiles[6]],
    diff: '',
    elevated: true,
  };
}

/**
 * ufw's words for where the rule stands, and its files without it. Empty for the last of a family, and where the number
 * cannot be told.
 */
function placeOf(files: Map<string, string | null>, words: string): string[] {
  const [, subnet = ''] = /^allow from (\S+) /u.exec(words) ?? [];
  const family = subnet.includes(':') ? 6 : 4;
  const [v4, own] = [files.get(ufwFiles[4]), files.get(ufwFiles[family])];
  if (typeof v4 !== 'string' || typeof own !== 'string') return [];
  const tuples = parseTuples(own);
  const index = tuples.findIndex(({ start }, at) => {
    const text = own.slice(start, tuples[at + 1]?.start);
    return text.startsWith('### tuple ### allow tcp ') && text.includes(` any ${subnet} in comment=`);
  });
  const tuple = tuples[index];
  if (!tuple) return [];
  const end = tuples[index + 1]?.start ?? /^### END RULES/mu.exec(own)?.index ?? own.length;
  files.set(ufwFiles[family], own.slice(0, tuple.start) + own.slice(end));
  if (index === tuples.length - 1 || tuples.slice(0, index).some((one) => one.isApplication)) return [];
  const before = family === 4 ? 0 : parseTuples(v4).length;
  return ['insert', String(before + index + 1)];
}
