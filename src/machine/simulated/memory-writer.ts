import { WriteError } from '../machine.ts';
import type { RunRequest, RunResult, Writer } from '../machine.ts';
import type { MemoryFiles } from './memory-files.ts';

/** A writer on files in memory; commands go to `run`. What it did is added to `log`, one line each. */
export function memoryWriter(
  files: MemoryFiles,
  log: string[],
  run: (request: RunRequest) => RunResult,
): Writer {
  function refuseDenied(path: string): void {
    if (files.read(path, 0).outcome === 'denied')
      throw new WriteError(`cannot write ${path}: permission denied`);
  }
  return {
    async run(request) {
      log.push(`change ${request.argv.join(' ')}`);
      return run(request);
    },
    async capture(path) {
      if (files.read(path, 0).outcome === 'denied')
        throw new WriteError(`cannot read ${path}: permission denied`);
      return files.state(path);
    },
    async replace(path, content, attributes) {
      log.push(`write ${path}`);
      refuseDenied(path);
      return { madeDirectories: files.put(path, content, attributes) };
    },
    async remove(path) {
      log.push(`remove ${path}`);
      refuseDenied(path);
      files.remove(path);
    },
    async removeEmptyDirectory(path) {
      log.push(`remove directory ${path}`);
      files.removeEmptyDirectory(path);
    },
    async appendDurably(path, text) {
      log.push(`append ${path}`);
      refuseDenied(path);
      const before = files.text(path);
      files.put(path, (before ?? '') + text, before === undefined ? { mode: 0o600 } : {});
    },
    async sleep(milliseconds) {
      log.push(`sleep ${milliseconds}`);
    },
  };
}
