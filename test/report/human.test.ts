import { stripVTControlCharacters } from 'node:util';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { renderHuman } from '../../src/report/human.ts';
import type { Screen } from '../../src/report/human/screen.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { displayWidth } from '../../src/report/text/width.ts';
import { dryRun, mended, rolledBack } from './fixed-reports.ts';
import { healthy, incident, incomplete, macos, portTaken, withoutRoot } from './reports.ts';
import { report, row } from './rows.ts';

const screen = (given: Partial<Screen> = {}): Screen => ({
  chalk: new Chalk({ level: 0 }),
  columns: 80,
  unicode: true,
  detail: 'normal',
  command: 'ollama-doctor',
  ...given,
});

const all = Object.entries({
  incident,
  healthy,
  withoutRoot,
  incomplete,
  macos,
  dryRun,
  mended,
  rolledBack,
  portTaken,
});

describe('the screens', () => {
  it.each(all)('%s at 80 columns', async (name, example) => {
    await expect(renderHuman(example, screen())).toMatchFileSnapshot(`screens/${name}-80.txt`);
  });

  it.each([
    ['incident at 120 columns', 'incident-120', incident, screen({ columns: 120 })],
    ['incident in ASCII', 'incident-ascii', incident, screen({ unicode: false })],
    ['incident with every row', 'incident-verbose', incident, screen({ detail: 'verbose' })],
    ['incident of a replay', 'incident-replay', incident, screen({ replay: 'saved.json' })],
    ['healthy with every row', 'healthy-verbose', healthy, screen({ detail: 'verbose' })],
  ] as const)('%s', async (_, file, example, on) => {
    await expect(renderHuman(example, on)).toMatchFileSnapshot(`screens/${file}.txt`);
  });

  it.each(all)('%s is a report as the schema has it', (_, example) => {
    expect(reportSchema.parse(example)).toEqual(example);
  });

  it.each(all)('%s has one line with --quiet', (_, example) => {
    expect(renderHuman(example, screen({ detail: 'quiet' }))).toMatch(/^ {2}\S .+\n$/u);
  });

  it.each(all)(
    '%s keeps within the columns, but for commands and diffs that must stay whole',
    (_, example) => {
      const lines = renderHuman({ ...example, fixes: [] }, screen({ columns: 60 })).split('\n');
      expect(lines.filter((line) => displayWidth(line) > 60)).toEqual([]);
    },
  );

  it.each(all)('%s in ASCII has nothing else', (_, example) => {
    expect(renderHuman(example, screen({ unicode: false }))).toMatch(/^[\n -~]*$/u);
  });

  it.each(all)('%s without colours has no escape sequence, with colours the same text', (_, example) => {
    const plain = renderHuman(example, screen());
    const coloured = renderHuman(example, screen({ chalk: new Chalk({ level: 3 }) }));
    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});

describe('a healthy report', () => {
  it('has what was asked for by an option', () => {
    const answered = row({
      id: 'models',
      status: 'pass',
      summary: 'llama3.2 answers: first token after 1.2 s',
    });
    const text = renderHuman({ ...healthy, checks: [...healthy.checks, answered] }, screen());
    expect(text).toContain('first token after 1.2 s');
  });

  it('is short and complains of nothing', () => {
    const text = renderHuman(healthy, screen());
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
    expect(text).not.toMatch(/fail|warn|cannot|could not|sudo/iu);
  });

  it('counts containers when there are many', () => {
    const paths = ['a', 'b', 'c', 'd'].flatMap((name) =>
      healthy.paths.map((path) => ({ ...path, from: `container:${name}` })),
    );
    expect(renderHuman({ ...healthy, paths }, screen({ detail: 'quiet' }))).toBe(
      '  ✓ 4 containers reach Ollama\n',
    );
  });
});

describe('after a fix', () => {
  it('shows no difference again that was agreed to a moment ago', () => {
    const text = renderHuman(mended, screen({ fixing: 'agreed' }));
    expect(text).toContain(
      'bind-all-interfaces: applied, and proved by asking again\n    listen on all interfaces\n',
    );
    expect(text).not.toContain('zz-ollama-doctor.conf');
  });

  it('shows them when nobody was asked', () => {
    expect(renderHuman(mended, screen({ fixing: 'unseen' }))).toContain('zz-ollama-doctor.conf');
  });

  it('says that there is nothing to mend', () => {
    expect(renderHuman(healthy, screen({ fixing: 'unseen' }))).toContain('\n    Nothing to mend.\n');
    expect(renderHuman(healthy, screen())).not.toContain('mend');
  });

  it('says once what to do where two checks met it', () => {
    const twice: Report = {
      ...portTaken,
      checks: [
        ...portTaken.checks,
        row({
          id: 'ollama-service',
          status: 'fail',
          code: 'port-conflict',
          summary: 'ollama.service cannot start',
          instructions: ['docker stop ollama', 'its last words: journalctl -u ollama'],
          explainedBy: 'port-conflict',
        }),
      ],
    };
    const text = renderHuman(twice, screen());
    expect(text.match(/To mend it:/gu)).toHaveLength(1);
    expect(text.match(/docker stop ollama/gu)).toHaveLength(1);
    expect(text).toContain('journalctl -u ollama');
  });

  it('says that no recipe mends it', () => {
    expect(renderHuman(portTaken, screen({ fixing: 'unseen' }))).toContain('No recipe mends this');
  });
});

describe('a check that could not be made', () => {
  const blocked = row({
    id: 'ollama-api',
    status: 'blocked',
    summary: 'nothing takes connections at http://127.0.0.1:11434/',
    blockedBy: 'ollama-service@host',
  });

  it('is named, with what would tell why, where that was left out', () => {
    const text = renderHuman(report({ checks: [blocked], skipped: ['ollama-service'] }), screen());
    expect(text).toContain('? ollama-api could not be made\n    nothing takes connections at');
    expect(text).toContain('why is for ollama-service to say, which was left out: add --only');
  });

  it('is not, where what stood in its way is told', () => {
    const before = row({ id: 'ollama-service', status: 'inconclusive', summary: 'may not be read' });
    const text = renderHuman(report({ checks: [before, blocked] }), screen());
    expect(text).toContain('ollama-service could not look');
    expect(text).not.toContain('ollama-api could not');
  });
});

describe('what comes from the machine', () => {
  const nasty = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.exe\r\nsecond\u0000line';
  const hostile = report({
    checks: [
      row({
        id: 'bind-address',
        status: 'fail',
        code: 'bind-loopback',
        summary: nasty,
        evidence: [{ source: nasty, text: nasty }],
        instructions: [nasty],
      }),
      row({ id: 'exposure', status: 'warn', summary: nasty, evidence: [{ source: nasty, text: nasty }] }),
      row({ id: 'firewall', status: 'inconclusive', summary: nasty, subject: `container:${nasty}` }),
    ],
    causes: [
      {
        code: nasty,
        subject: `container:${nasty}`,
        summary: nasty,
        affects: [`container:${nasty}`],
        recipe: nasty,
      },
    ],
    paths: [
      { from: `container:${nasty}`, url: nasty, hops: [{ hop: 'http', status: 'fail', detail: nasty }] },
    ],
    fixes: [
      {
        recipe: nasty,
        status: 'planned',
        receipt: nasty,
        notes: [nasty],
        changes: [{ kind: 'file', summary: nasty, diff: nasty, commands: [nasty], elevated: true }],
      },
    ],
    skipped: [nasty],
  });

  it.each(['quiet', 'normal', 'verbose'] as const)('cannot steer the terminal (%s)', (detail) => {
    const text = renderHuman(hostile, screen({ detail }));
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).toContain(String.raw`\x1b[2J`);
  });
});

describe('evidence', () => {
  const long = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n');
  const example = report({
    checks: [
      row({
        id: 'ollama-service',
        status: 'fail',
        code: 'crash-loop',
        summary: 'it ends after a second',
        evidence: [{ source: 'journalctl -u ollama', text: long }],
      }),
    ],
    causes: [
      { code: 'crash-loop', subject: 'host', summary: 'it ends after a second', affects: [], recipe: null },
    ],
  });

  it('is cut after six lines and says how much is left out', () => {
    const text = renderHuman(example, screen());
    expect(text).toContain('line 6\n');
    expect(text).not.toContain('line 7\n');
    expect(text).toContain('24 more lines (--verbose)');
  });

  it('is whole with --verbose', () => {
    expect(renderHuman(example, screen({ detail: 'verbose' }))).toContain('line 30\n');
  });
});
