import { describe, expect, it } from 'vitest';
import { WriteError } from '../../src/machine/machine.ts';
import { simulate } from '../../src/machine/simulated.ts';

describe('a simulated machine', () => {
  it('answers the nth time with the nth answer and says not-found of what it does not know', async () => {
    const machine = simulate({ run: { 'ss -ltn': ['one', { stdout: 'two', exitCode: 1 }] } });
    const seen = [];
    for (let time = 0; time < 3; time += 1) seen.push(await machine.run({ argv: ['ss', '-ltn'] }));
    expect(seen).toMatchObject([
      { stdout: 'one', exitCode: 0 },
      { stdout: 'two', exitCode: 1 },
      { stdout: 'two' },
    ]);
    expect(await machine.run({ argv: ['ss'] })).toEqual({ outcome: 'not-found' });
    expect(machine.asked).toEqual(['run ss -ltn', 'run ss -ltn', 'run ss -ltn', 'run ss']);
  });

  it('lets a command that changes something change its files', async () => {
    const machine = simulate({
      files: { '/etc/rules': 'old' },
      run: {
        'save now': (_request, world) => {
          world.files.put('/etc/rules', 'new');
          return '';
        },
      },
    });
    await machine.writer?.run({ argv: ['save', 'now'] });
    expect(await machine.read('/etc/rules')).toMatchObject({ text: 'new' });
    expect(machine.changes).toEqual(['save now']);
  });

  it('has a file system to write to, and to take back', async () => {
    const machine = simulate({
      files: { '/etc/a': { text: 'x', mode: 0o640, uid: 5, gid: 6 }, '/etc/no': 'denied' },
    });
    const { writer } = machine;
    expect(await writer?.capture('/etc/a')).toEqual({
      state: 'file',
      contentBase64: Buffer.from('x').toString('base64'),
      mode: 0o640,
      uid: 5,
      gid: 6,
    });
    expect(await writer?.replace('/etc/new/dir/f', 'y', { mode: 0o644 })).toEqual({
      madeDirectories: ['/etc/new', '/etc/new/dir'],
    });
    expect(await machine.list('/etc')).toEqual({ outcome: 'listed', names: ['a', 'new', 'no'] });
    await writer?.removeEmptyDirectory('/etc/new/dir');
    expect(await machine.read('/etc/new/dir/f')).toMatchObject({ text: 'y' });
    await writer?.remove('/etc/new/dir/f');
    await writer?.removeEmptyDirectory('/etc/new/dir');
    await writer?.removeEmptyDirectory('/etc/new');
    expect(machine.files.all()).toEqual({ '/etc/a': 'x' });
    await expect(writer?.replace('/etc/no', 'z', { mode: 0o644 })).rejects.toThrow(WriteError);
  });

  it('keeps mode and owner of a file that is replaced through a link', async () => {
    const machine = simulate({
      files: { '/etc/real': { text: 'x', mode: 0o600, uid: 7 }, '/etc/link': { link: 'real' } },
    });
    await machine.writer?.replace('/etc/link', 'y', { mode: 0o600 });
    expect(machine.files.text('/etc/real')).toBe('y');
    expect(machine.files.state('/etc/link')).toEqual({ state: 'link', target: 'real' });
    expect(machine.files.state('/etc/real')).toMatchObject({ mode: 0o600, uid: 7 });
  });

  it('goes into machines it is given, else into those that are built', async () => {
    const inner = simulate({ vantage: 'container:web' });
    const machine = simulate({ inside: { 'container:web': inner } });
    expect(machine.enter('container:web', () => machine)).toBe(inner);
    expect(machine.enter('container:db', (outside) => outside)).toBe(machine);
  });
});
