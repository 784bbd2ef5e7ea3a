import type { Setting } from '../../facts/service.ts';
import type { Planning } from '../recipe.ts';
import type { Assignment } from './drop-in-text.ts';

/**
 * A file with one line of it changed to another value: a plain `NAME=value`, with quotes or without, and `export` in
 * front where a shell reads the file. Anything else is somebody's program, and left to a person.
 * @returns the text before and after
 */
export async function editLine(
  { draft, machine }: Planning,
  setting: Setting,
  { variable, value }: Assignment,
): Promise<{ before: string; after: string } | { reason: string; instructions: string[] }> {
  const byHand = [`change line ${setting.line} of ${setting.file} to: ${variable}=${value}`];
  const planned = draft.files.get(setting.file);
  const read = typeof planned === 'string' ? undefined : await machine.read(setting.file);
  if (read && read.outcome !== 'read')
    return { reason: `${setting.file} cannot be read`, instructions: byHand };
  const before = read ? read.text : (planned as string);
  const lines = before.split('\n');
  const line = lines[setting.line - 1] ?? '';
  const parts = /^(\s*(?:export\s+)?(\w+)\s*=\s*)(["']?)[^"'\\$`;#]*\3(\s*)$/u.exec(line);
  if (!parts || parts[2] !== variable || line.trim() !== setting.text.trim())
    return {
      reason: `line ${setting.line} of ${setting.file} is not a plain assignment`,
      instructions: byHand,
    };
  const [, head = '', , quote = '', tail = ''] = parts;
  lines[setting.line - 1] = `${head}${quote}${value}${quote}${tail}`;
  return { before, after: lines.join('\n') };
}
