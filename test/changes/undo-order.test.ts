import { describe, expect, it } from 'vitest';
import { applyPlans, undo } from '../../src/changes/index.ts';
import type { FileChange, Plan } from '../../src/changes/change.ts';
import { dropIn, type Host, host, stateOf } from './incident-host.ts';

const guard = '/etc/ollama-doctor/guard.nft';
const open = 'Environment="OLLAMA_HOST=0.0.0.0:11434"';
const loads = `ExecStartPre=+/usr/sbin/nft -f ${guard}`;
const bound = `[Service]\n${open}\n${loads}\n`;
const origins = `${bound}Environment="OLLAMA_ORIGINS=http://p.lan"\n`;

function file(path: string, before: string | null, after: string): FileChange {
  const attributes = { mode: 0o644 };
  return {
    kind: 'file',
    summary: 'x',
    path,
    before,
    after,
    attributes,
    thenRun: [],
    thenRunOnUndo: [],
    elevated: true,
  };
}

function plan(recipe: string, changes: FileChange[]): Plan {
  return { recipe, cures: [], gainsAccess: [], notes: [], changes };
}

async function make(machine: Host, ...args: Parameters<typeof plan>): Promise<string> {
  const made = await applyPlans(machine, [plan(...args)]);
  if (made.status !== 'applied') throw new Error(made.reason);
  return made.receipt;
}

const bind = async (machine: Host): Promise<string> =>
  make(machine, 'bind-all-interfaces', [file(guard, null, 'table\n'), file(dropIn, null, bound)]);

describe('undo of a fix that a later one built on', () => {
  it('names the later one, touches nothing, and goes on once that is taken back', async () => {
    const machine = host();
    const before = stateOf(machine);
    const first = await bind(machine);
    const later = await make(machine, 'allow-origin', [file(dropIn, bound, origins)]);
    for (const keep of [[], [dropIn]]) {
      const refused = await undo(machine, first, { keep });
      expect(refused).toMatchObject({ status: 'refused', receipt: first, files: [], first: [later] });
      expect('reason' in refused && refused.reason).toContain(`${dropIn} again: undo that one first`);
    }
    expect(machine.files.text(dropIn)).toBe(origins);
    expect(machine.files.text(guard)).toBe('table\n');
    expect((await undo(machine, later)).status).toBe('undone');
    expect((await undo(machine, first)).status).toBe('undone');
    expect(stateOf(machine)).toEqual(before);
  });

  it('is not kept by one that wrote other files, or was taken back', async () => {
    const machine = host();
    const first = await bind(machine);
    await make(machine, 'other', [file('/etc/other', null, 'x\n')]);
    const later = await make(machine, 'allow-origin', [file(dropIn, bound, origins)]);
    await undo(machine, later);
    expect((await undo(machine, first)).status).toBe('undone');
  });
});

describe('a file that somebody changed, and that has Ollama open or needs its guard', () => {
  it.each([
    ['the line that loads the guard', `[Service]\n${loads}\n`, `needs ${guard}`],
    ['the address', `[Service]\n${open}\n`, 'listen beyond this host'],
  ])('is not offered to be kept, nor kept when told, for %s', async (_what, theirs, words) => {
    const machine = host();
    const receipt = await bind(machine);
    machine.files.put(dropIn, theirs);
    for (const keep of [[], [dropIn]]) {
      const refused = await undo(machine, receipt, { keep });
      expect(refused).toMatchObject({ status: 'refused', files: [] });
      expect('reason' in refused && refused.reason).toContain(words);
    }
    expect(machine.files.text(guard)).toBe('table\n');
    machine.files.put(dropIn, '[Service]\n# theirs\n');
    expect((await undo(machine, receipt, { keep: [dropIn] })).status).toBe('undone');
    expect(machine.files.text(guard)).toBeUndefined();
  });
});

it('a service of OpenRC that needs the guard is not left without', async () => {
  const machine = host();
  const script = '/etc/init.d/ollama-doctor-guard';
  const conf = '/etc/conf.d/ollama';
  const receipt = await make(machine, 'bind-all-interfaces', [
    file(script, null, '#!/sbin/openrc-run\n'),
    file(conf, null, 'rc_need="ollama-doctor-guard"\n'),
  ]);
  machine.files.put(conf, '# mine\nrc_need="ollama-doctor-guard"\n');
  const refused = await undo(machine, receipt, { keep: [conf] });
  expect('reason' in refused && refused.reason).toContain(`needs ${script}`);
});
