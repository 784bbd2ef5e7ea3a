import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderGithub } from '../../src/report/github.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderSarif } from '../../src/report/sarif.ts';
import type { Report } from '../../src/report/schema.ts';
import { dryRun } from './fixed-reports.ts';
import { healthy, incident, incomplete, portTaken } from './reports.ts';
import { report, row } from './rows.ts';

const saying = (text: string): Report =>
  report({
    checks: [
      row({
        id: 'firewall',
        status: 'fail',
        code: 'firewall-drop',
        summary: text,
        evidence: [{ source: text, text }],
      }),
    ],
    causes: [{ code: 'firewall-drop', subject: 'host', summary: text, affects: [], recipe: null }],
    paths: [{ from: `container:${text}`, url: text, hops: [{ hop: 'http', status: 'fail', detail: text }] }],
  });

describe('json', () => {
  it('is the report, and ends with a line feed', () => {
    expect(JSON.parse(renderJson(incident))).toEqual(incident);
    expect(renderJson(incident)).toMatch(/\}\n$/u);
  });

  it('keeps every text, and has no byte that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const printed = renderJson({ text });
        expect(JSON.parse(printed)).toEqual({ text });
        expect(printed).not.toMatch(/(?!\n)\p{Cc}/u);
      }),
    );
  });
});

describe('junit', () => {
  const cases = (xml: string): string[] => xml.match(/<testcase [\s\S]*?<\/testcase>/gu) ?? [];

  it('has one case for each row, under its check', () => {
    const xml = renderJunit(incident);
    expect(cases(xml)).toHaveLength(incident.checks.length);
    expect(xml).toContain('classname="firewall" name="container:archon-server firewall-drop"');
  });

  it('counts failures, and nothing that was not looked at as passed', () => {
    expect(renderJunit(incident)).toContain('tests="13" failures="3" errors="0" skipped="0"');
    expect(renderJunit(incomplete)).toContain('tests="4" failures="0" errors="2" skipped="0"');
  });

  it('skips what does not apply', () => {
    const xml = renderJunit(
      report({ checks: [row({ id: 'models', status: 'not-applicable', summary: 'none' })] }),
    );
    expect(xml).toContain('<skipped message="not-applicable: none"/>');
  });

  it('lets a warning pass unless warnings count as failures', () => {
    const checks = [row({ id: 'exposure', status: 'warn', code: 'exposed', summary: 'open' })];
    expect(renderJunit(report({ checks }))).toContain('failures="0"');
    expect(renderJunit(report({ checks, status: 'problems' }))).toContain('failures="1"');
  });

  it('is well formed whatever was read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = renderJunit(saying(text));
        const inner = xml.replaceAll(/<\?xml[^>]*>|<\/?[a-z-]+(?: [a-z]+="[^"<]*")*\/?>/gu, '');
        expect(inner).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/u);
        expect(inner).not.toMatch(/(?![\t\n])\p{Cc}|\p{Cs}/u);
      }),
    );
  });
});

describe('sarif', () => {
  const run = (given: Report) => JSON.parse(renderSarif(given)).runs[0];

  it('has a result for each cause, and a note for the symptom', () => {
    const levels = run(incident).results.map((result: { ruleId: string; level: string }) => [
      result.ruleId,
      result.level,
    ]);
    expect(levels).toEqual([
      ['bind-loopback', 'error'],
      ['firewall-drop', 'error'],
      ['reach-timeout', 'note'],
    ]);
  });

  it('points into the file where the line stands', () => {
    const [first] = run(incident).results;
    expect(first.locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: 'file:///etc/systemd/system/ollama.service' },
      region: { startLine: 12 },
    });
  });

  it('describes every rule it uses, at the index it names', () => {
    const { tool, results } = run(portTaken);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(tool.driver.rules[0].shortDescription.text).toBe(
      'Something else holds the port that Ollama wants',
    );
  });

  it('leaves open what could not be looked at, and says so in the exit code', () => {
    const { results, invocations } = run(incomplete);
    expect(results.map((result: { kind: string; level: string }) => [result.kind, result.level])).toEqual([
      ['open', 'none'],
    ]);
    expect(invocations[0].exitCode).toBe(3);
  });

  it('has no results when healthy', () => {
    expect(run(healthy).results).toEqual([]);
  });
});

describe('github', () => {
  it('has an error for each cause and a notice with the verdict', () => {
    const lines = renderGithub(incident).trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ .*/u, ''))).toEqual([
      '::error',
      '::error',
      '::notice',
      '::notice',
    ]);
    expect(lines.at(-1)).toBe('::notice title=ollama-doctor::archon-server cannot reach Ollama: 2 causes');
  });

  it('warns of warnings, and of what matters and could not be looked at', () => {
    expect(renderGithub(portTaken)).toContain(
      '::warning title=Ollama is open to others than the containers::',
    );
    expect(renderGithub(incomplete)).toContain('::warning ');
  });

  it('cannot be made to say another command by what was read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const lines = renderGithub(saying(`${text}\n::set-env name=x::y\r\n::error::z`))
          .trimEnd()
          .split(/[\r\n]/u);
        expect(lines).toHaveLength(2);
        for (const line of lines) expect(line).toMatch(/^::(?:error|notice) title=/u);
      }),
    );
  });
});

describe('markdown', () => {
  it('says what is wrong first, with the evidence', () => {
    const text = renderMarkdown(incident);
    expect(text).toMatch(/^# ❌ archon-server cannot reach Ollama: 2 causes\n/u);
    expect(text).toContain('-A INPUT -p tcp -m tcp --dport 11434 -j DROP');
    expect(text).toContain(
      '| firewall | ❌ | INPUT rule 2 drops what 172.18.0.2 sends to 172.17.0.1:11434 |',
    );
  });

  it('shows a plan as a diff and commands', () => {
    const text = renderMarkdown(dryRun);
    expect(text).toContain('```diff\n--- /dev/null\n');
    expect(text).toContain('```sh\nsystemctl daemon-reload\nsystemctl restart ollama.service\n```');
  });

  it('fences evidence so that it cannot end the fence', () => {
    const text = renderMarkdown(saying('```\n# owned\n```'));
    expect(text).toContain('````text\n```\n# owned\n```\n````');
  });

  it('keeps what was read from being markup, a table cell or a mention', () => {
    const text = renderMarkdown(saying('<img src=x> | **bold** @someone [a](b)'));
    const outsideCode = text.replaceAll(/`+[^`]*`+/gu, '');
    expect(outsideCode).toContain('&lt;img');
    expect(outsideCode).not.toMatch(/<img|[^\\]\*\*bold|@someone|\[a\]\(b\)/u);
    const cells = text.split('\n').find((line) => line.startsWith('| http'));
    expect(cells?.replaceAll(String.raw`\|`, '').split('|')).toHaveLength(5);
  });
});
