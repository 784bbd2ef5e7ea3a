import type { Recording } from './document.ts';
import type { Entry } from './write-entry.ts';

/** Single lines up to this length stay in the index. */
const inlineLength = 120;

const textFields = ['stdout', 'stderr', 'text', 'body'] as const;

/**
 * The folder form of a recording: an index that a person can read, and a plain text file for everything long, named
 * after what was asked.
 */
export function intoFolder(recording: Recording): { index: Recording; files: Map<string, string> } {
  const files = new Map<string, string>();
  const entries = recording.entries.map((entry) => {
    const shown: Entry = { ...entry };
    for (const field of textFields) {
      const text = entry[field];
      if (typeof text !== 'string' || (text.length <= inlineLength && !text.trimEnd().includes('\n')))
        continue;
      const name = freeName(fileName(entry, field), files);
      files.set(name, text);
      shown[field] = { file: name };
    }
    return shown;
  });
  return { index: { ...recording, entries }, files };
}

function fileName(entry: Entry, field: string): string {
  const asked = [entry['run'], entry['read'], entry['request']].find((one) => one !== undefined);
  const words = Array.isArray(asked) ? asked.join(' ') : String(asked);
  const place = typeof entry['vantage'] === 'string' ? `${entry['vantage']} ` : '';
  const stem = `${place}${words.replace(/^GET https?:/u, '')}`
    .toLowerCase()
    .replace(/[^a-z0-9._]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/gu, '')
    .slice(0, 80);
  const part = field === 'stderr' ? '.stderr' : '';
  return `${stem === '' ? 'text' : stem}${part}`;
}

/** A name that is not taken, also on file systems that do not tell letters' case apart, nor Windows' device names. */
function freeName(stem: string, files: ReadonlyMap<string, string>): string {
  const safe = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/u.test(stem) ? `_${stem}` : stem;
  for (let number = 1; ; number += 1) {
    const name = `${safe}${number === 1 ? '' : `-${number}`}.txt`;
    if (!files.has(name)) return name;
  }
}
