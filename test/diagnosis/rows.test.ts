import { describe, expect, it } from 'vitest';
import { findCauses } from '../../src/diagnosis/causes.ts';
import { explainSymptoms } from '../../src/diagnosis/explanations.ts';
import { matters } from '../../src/diagnosis/matters.ts';
import { defaultOptions } from '../../src/diagnosis/options.ts';
import { drawPaths } from '../../src/diagnosis/paths.ts';
import { allWays } from '../../src/checks/clients.ts';
import type { Row } from '../../src/engine/check.ts';
import { findingEntry } from '../../src/findings/index.ts';
import { client, container, factsOf, failed, rowsOf, rules, seen } from '../checks/host-of-values.ts';

const row = (change: Partial<Row>): Row => ({
  id: 'container-reach',
  subject: 'container:web',
  status: 'fail',
  summary: 'x',
  durationMs: 1,
  ...change,
});

describe('symptoms and causes', () => {
  const timeout = row({ code: 'reach-timeout' });
  const refused = row({ code: 'reach-refused' });
  const loopback = row({ id: 'bind-address', subject: 'host', code: 'bind-loopback' });

  it('hides a symptom behind the cause that can produce it', () => {
    expect(findCauses(explainSymptoms([loopback, refused])).map((one) => one.code)).toEqual([
      'bind-loopback',
    ]);
  });

  it('does not explain silence by a loopback bind, which refuses', () => {
    expect(findCauses(explainSymptoms([loopback, timeout])).map((one) => one.code)).toEqual([
      'bind-loopback',
      'reach-timeout',
    ]);
  });

  it('does not explain one container by what is wrong with another', () => {
    const other = row({ id: 'firewall', subject: 'container:db', code: 'firewall-drop' });
    expect(findCauses(explainSymptoms([other, timeout]))).toHaveLength(2);
  });

  it('never makes a cause of a warning', () => {
    expect(findCauses([row({ status: 'warn', code: 'exposed' })])).toEqual([]);
  });

  it('says whom a cause of the host affects: those it names, or all that fail', () => {
    expect(findCauses([loopback, timeout])[0]?.affects).toEqual(['container:web']);
    expect(findCauses([{ ...loopback, affects: ['container:db'] }, timeout])[0]?.affects).toEqual([
      'container:db',
    ]);
  });
});

describe('matters', () => {
  const unknown = row({ id: 'firewall', status: 'inconclusive' });

  it('does not mind what could not be read on the way of a container that gets through', async () => {
    const works = await allWays(factsOf());
    expect(matters(unknown, works, defaultOptions)).toBe(false);
    expect(matters({ ...unknown, subject: 'host' }, works, defaultOptions)).toBe(false);
  });

  it('minds it on the way of one that does not, and whatever was asked for by name', async () => {
    const broken = await allWays(factsOf({ answer: failed('timeout') }));
    expect(matters(unknown, broken, defaultOptions)).toBe(true);
    const works = await allWays(factsOf());
    expect(matters(unknown, works, { ...defaultOptions, only: ['firewall'] })).toBe(true);
  });
});

describe('paths', () => {
  it('draws the place where it breaks, and claims nothing about what lies behind', async () => {
    const change = {
      answer: failed('timeout'),
      rulesets: rules('-A INPUT -p tcp -m tcp --dport 11434 -j DROP'),
    };
    const [path] = drawPaths(await allWays(factsOf(change)), await rowsOf(change));
    expect(path?.hops.map((hop) => `${hop.hop} ${hop.status}`)).toEqual([
      'client pass',
      'name pass',
      'route pass',
      'firewall fail',
      'listener pass',
      'http blocked',
      'ollama blocked',
      'model blocked',
    ]);
  });

  it('draws one path for each URL of a container, and none for a hypothetical one', async () => {
    const two = { clients: [client(), client('http://10.9.9.9:11434')] };
    expect(drawPaths(await allWays(factsOf(two)), await rowsOf(two))).toHaveLength(2);
    const none = {
      clients: [{ subject: 'container:any', container: container(), hypothetical: true, askedFor: false }],
      containers: seen([]),
    };
    expect(drawPaths(await allWays(factsOf(none)), await rowsOf(none))).toEqual([]);
  });
});

it('has a catalogue entry for every code that a table of explanations or a check of these tests uses', async () => {
  const broken = await rowsOf({ answer: failed('timeout'), rulesets: rules('-A INPUT -j DROP') });
  const codes = broken.flatMap((one) => one.code ?? []);
  expect(codes).toContain('firewall-drop');
  expect(codes.filter((code) => findingEntry(code) === undefined)).toEqual([]);
});
