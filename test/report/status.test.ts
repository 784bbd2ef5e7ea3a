import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/report/schema.ts';
import { counts, exitCode, overallStatus } from '../../src/report/status.ts';

const rows = (...all: (Status | `${Status}!`)[]) =>
  all.map((word) => ({ status: word.replace('!', '') as Status, matters: word.endsWith('!') }));

describe('the status of the whole report', () => {
  it.each([
    ['nothing was looked at', rows(), 'healthy'],
    ['all passed', rows('pass', 'pass'), 'healthy'],
    ['something warns', rows('pass', 'warn'), 'healthy'],
    ['something does not apply', rows('pass', 'not-applicable'), 'healthy'],
    ['something failed', rows('pass', 'fail'), 'problems'],
    ['something failed, and something that matters is unknown', rows('inconclusive!', 'fail'), 'problems'],
    ['something that matters could not be looked at', rows('pass', 'inconclusive!'), 'incomplete'],
    ['something that matters was blocked', rows('pass', 'blocked!'), 'incomplete'],
    ['what could not be looked at does not matter', rows('pass', 'inconclusive'), 'healthy'],
    ['what was blocked does not matter', rows('pass', 'blocked'), 'healthy'],
    ['a warning is said to matter', rows('warn!'), 'healthy'],
  ] as const)('%s', (_, given, expected) => {
    expect(overallStatus(given, 'fail')).toBe(expected);
  });

  it.each([
    ['a warning is a problem', rows('pass', 'warn'), 'problems'],
    ['nothing warns', rows('pass'), 'healthy'],
    ['only something unknown is left', rows('inconclusive!'), 'incomplete'],
  ] as const)('with --fail-on warn: %s', (_, given, expected) => {
    expect(overallStatus(given, 'warn')).toBe(expected);
  });
});

describe('counts', () => {
  it('has every status, also those no row has', () => {
    expect(counts(rows('fail', 'pass', 'fail', 'blocked'))).toEqual({
      pass: 1,
      warn: 0,
      fail: 2,
      inconclusive: 0,
      blocked: 1,
      'not-applicable': 0,
    });
  });
});

describe('the exit code', () => {
  it.each([
    ['healthy', 0],
    ['problems', 1],
    ['incomplete', 3],
  ] as const)('of %s is %i', (status, code) => {
    expect(exitCode(status)).toBe(code);
  });
});
