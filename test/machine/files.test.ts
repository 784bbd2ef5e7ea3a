import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveMachine } from '../../src/machine/live.ts';
import type { LiveMachine } from '../../src/machine/live.ts';
import { WriteError } from '../../src/machine/machine.ts';
import type { Writer } from '../../src/machine/machine.ts';

const posix = process.platform !== 'win32';

let machine: LiveMachine;
let writer: Writer;
let folder: string;
beforeEach(async () => {
  machine = openLiveMachine();
  if (machine.writer === undefined) throw new Error('a live machine can be written to');
  writer = machine.writer;
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
});
afterEach(async () => {
  machine.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('reading', () => {
  it('gives the text, and says when it was cut', async () => {
    await writeFile(join(folder, 'a'), 'hello');
    expect(await machine.read(join(folder, 'a'))).toEqual({
      outcome: 'read',
      text: 'hello',
      truncated: false,
    });
    expect(await machine.read(join(folder, 'a'), { maxBytes: 5 })).toMatchObject({
      text: 'hello',
      truncated: false,
    });
    expect(await machine.read(join(folder, 'a'), { maxBytes: 2 })).toMatchObject({
      text: 'he',
      truncated: true,
    });
  });

  it('tells absent from unreadable', async () => {
    await writeFile(join(folder, 'a'), '');
    expect(await machine.read(join(folder, 'b'))).toEqual({ outcome: 'absent' });
    expect(await machine.read(join(folder, 'a', 'b'))).toEqual({ outcome: 'absent' });
    expect((await machine.read(folder)).outcome).toBe('failed');
  });

  it.runIf(process.platform === 'linux')('reads files of /proc, whose size is 0', async () => {
    const read = await machine.read('/proc/self/status');
    expect(read).toMatchObject({ outcome: 'read', truncated: false });
    expect((read as { text: string }).text).toContain('Pid:');
    expect(await machine.read('/proc/4194399/environ')).toEqual({ outcome: 'absent' });
  });

  it.runIf(posix)('does not hang on a FIFO', async () => {
    await machine.run({ argv: ['mkfifo', join(folder, 'fifo')] });
    expect(await machine.list(folder)).toMatchObject({ names: ['fifo'] });
    expect((await machine.read(join(folder, 'fifo'))).outcome).toBe('failed');
  });

  it('lists names in order', async () => {
    for (const name of ['b', 'a', 'C']) await writeFile(join(folder, name), '');
    expect(await machine.list(folder)).toEqual({ outcome: 'listed', names: ['C', 'a', 'b'] });
    expect(await machine.list(join(folder, 'none'))).toEqual({ outcome: 'absent' });
  });
});

describe('replacing a file', () => {
  it('makes missing folders, names them outermost first, and leaves nothing else behind', async () => {
    const path = join(folder, 'x', 'y', 'a.conf');
    const made = await writer.replace(path, 'one\n', { mode: 0o644 });
    expect(made.madeDirectories).toEqual([join(folder, 'x'), join(folder, 'x', 'y')]);
    expect(await readFile(path, 'utf8')).toBe('one\n');
    expect(await readdir(join(folder, 'x', 'y'))).toEqual(['a.conf']);
    expect((await writer.replace(path, 'two\n', { mode: 0o644 })).madeDirectories).toEqual([]);
    expect(await readFile(path, 'utf8')).toBe('two\n');
  });

  it.runIf(posix)('sets exactly the mode asked for, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await writer.replace(join(folder, 'd', 'a'), 'x', { mode: 0o664 });
    } finally {
      process.umask(before);
    }
    expect((await stat(join(folder, 'd', 'a'))).mode & 0o7777).toBe(0o664);
    expect((await stat(join(folder, 'd'))).mode & 0o7777).toBe(0o755);
  });

  it.runIf(posix && process.geteuid?.() === 0)('keeps the owner unless told another', async () => {
    const path = join(folder, 'a');
    await writeFile(path, '');
    execFileSync('chown', ['1234:2345', path]);
    await writer.replace(path, 'x', { mode: 0o600 });
    expect(await stat(path)).toMatchObject({ uid: 1234, gid: 2345 });
    await writer.replace(path, 'x', { mode: 0o600, uid: 7, gid: 8 });
    expect(await stat(path)).toMatchObject({ uid: 7, gid: 8 });
  });

  it.runIf(posix)('writes through a link, also one that points at nothing yet', async () => {
    await symlink('real', join(folder, 'link'));
    await writer.replace(join(folder, 'link'), 'x', { mode: 0o644 });
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('x');
  });

  it.runIf(posix)('is not led astray by what lies under its temporary name', async () => {
    await writeFile(join(folder, 'victim'), 'precious');
    await symlink(join(folder, 'victim'), join(folder, '.a.ollama-doctor-new'));
    await writer.replace(join(folder, 'a'), 'x', { mode: 0o644 });
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('precious');
  });

  it('names path and reason when it cannot', async () => {
    await writeFile(join(folder, 'a'), '');
    const path = join(folder, 'a', 'b');
    const failed = await writer.replace(path, 'x', { mode: 0o644 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WriteError);
    expect((failed as Error).message).toContain(path);
    await mkdir(join(folder, 'd', 'full'), { recursive: true });
    await expect(writer.replace(join(folder, 'd'), 'x', { mode: 0o644 })).rejects.toThrow(WriteError);
    expect(await readdir(folder)).toEqual(['a', 'd']);
  });
});

describe('taking back', () => {
  it('puts bytes that are no text back as they were', async () => {
    const path = join(folder, 'a');
    const bytes = Buffer.from([0, 255, 10, 195]);
    await writeFile(path, bytes);
    if (posix) await chmod(path, 0o640);
    const before = await writer.capture(path);
    expect(before).toMatchObject({ state: 'file', contentBase64: bytes.toString('base64') });
    expect(before).toHaveProperty('mode', posix ? 0o640 : 0o666);
  });

  it('captures what is absent, a link, and a folder as such', async () => {
    expect(await writer.capture(join(folder, 'none'))).toEqual({ state: 'absent' });
    expect(await writer.capture(folder)).toEqual({ state: 'other', what: 'a directory' });
    if (!posix) return;
    await symlink('elsewhere', join(folder, 'link'));
    expect(await writer.capture(join(folder, 'link'))).toEqual({ state: 'link', target: 'elsewhere' });
  });

  it('removes a file, and with it what a killed replace left', async () => {
    await writeFile(join(folder, 'a'), '');
    await writeFile(join(folder, '.a.ollama-doctor-new'), 'half');
    await writer.remove(join(folder, 'a'));
    await writer.remove(join(folder, 'a'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes a folder only when it is empty', async () => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'a'), '');
    await mkdir(join(folder, 'empty'));
    await writer.removeEmptyDirectory(join(folder, 'full'));
    await writer.removeEmptyDirectory(join(folder, 'empty'));
    await writer.removeEmptyDirectory(join(folder, 'none'));
    expect(await readdir(folder)).toEqual(['full']);
  });

  it('appends to a journal that nobody else may read', async () => {
    const path = join(folder, 'state', 'journal');
    await writer.appendDurably(path, 'a\n');
    await writer.appendDurably(path, 'b\n');
    expect(await readFile(path, 'utf8')).toBe('a\nb\n');
    expect((await stat(path)).mode & 0o7777).toBe(posix ? 0o600 : 0o666);
  });
});
