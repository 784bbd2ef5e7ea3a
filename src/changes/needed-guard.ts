import { Buffer } from 'node:buffer';
import type { Machine, Writer } from '../machine/machine.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { bytesNow } from './file-step.ts';
import type { Step } from './journal.ts';
import { named } from './run-step.ts';

/**
 * Why a file cannot stay as it is while the other steps are taken back: it starts Ollama with something that would go
 * (`ExecStartPre=`, `rc_need=`), or has Ollama listen beyond this host while what closes its port would go.
 * @param kept steps of the file, of one receipt
 * @param rest what would be taken back, of the same receipt
 * @returns a sentence for people that says what to take out of the file; undefined where the file may stay
 */
export async function whyNotKept(
  machine: Machine,
  writer: Writer,
  kept: readonly Step[],
  rest: readonly Step[],
): Promise<string | undefined> {
  for (const step of kept) {
    if (!step.before) continue;
    const { path } = step.before;
    const bytes = await bytesNow(writer, machine.identity, path);
    if (bytes === null) continue;
    const lines = Buffer.from(bytes, 'base64')
      .toString('utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !/^[#;]/u.test(line));
    for (const other of rest) {
      const line = lines.find((one) => needs(one, other));
      if (line !== undefined)
        return `${path} needs ${other.before?.path ?? ''}, which this undo takes away: first take out the line ${line}`;
    }
    const opening = lines.find(opens);
    const closing = rest.find(
      (other) => other.recipe === step.recipe && other.step < step.step && isTakenBack(other),
    );
    if (opening !== undefined && closing)
      return `${path} has Ollama listen beyond this host, and this undo takes away what closes its port (${named(closing.change)}): first take out the line ${opening}`;
  }
  return undefined;
}

/** Whether a line names a file that is gone once the step is taken back: by its path, or as a unit or service. */
function needs(line: string, { change, before }: Step): boolean {
  if (change.kind !== 'file' || !before || before.file !== null) return false;
  const name = before.path.slice(before.path.lastIndexOf('/') + 1);
  return line.split(/[\s"'=+:]+/u).some((word) => word === before.path || word === name);
}

function isTakenBack({ change }: Step): boolean {
  return change.kind !== 'command' || change.undo.length > 0;
}

function opens(line: string): boolean {
  const value = /OLLAMA_HOST=["']?([^\s"']*)/u.exec(line)?.[1];
  return value !== undefined && parseOllamaHost(value).listensOn.kind !== 'loopback';
}
