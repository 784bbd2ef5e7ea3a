import { readServerLog } from '../../ollama/server-log.ts';
import { isReadName, withoutCredentials } from './names.ts';

/** A log of `ollama serve` or of what starts it: only the lines that the doctor understands. */
export function redactLog(text: string): string {
  const kept = text.split('\n').filter((line) => readServerLog(line).lines.length > 0);
  return kept.map((line) => `${redactLine(line)}\n`).join('');
}

/** The environment that Ollama logs at its start holds every variable it knows: those the doctor reads stay. */
function redactLine(line: string): string {
  const start = line.indexOf('map[');
  if (start < 0) return withoutCredentials(line);
  const variables = line.slice(start + 4).matchAll(/([A-Za-z_]+):(\[[^\]]*\]|[^\s\]]*)/gu);
  const kept = [...variables]
    .filter(([, name = '']) => isReadName(name))
    .map(([whole]) => withoutCredentials(whole));
  return `${withoutCredentials(line.slice(0, start))}map[${kept.join(' ')}]"`;
}
