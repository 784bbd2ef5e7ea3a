import { describe, expect, it } from 'vitest';
import {
  catalogue,
  checkIds,
  docsFor,
  findingEntries,
  findingEntry,
  recipes,
} from '../../src/findings/index.ts';
import type { FindingCode } from '../../src/findings/index.ts';

/** The contract: checks in the order of the report, with their codes. Nothing here may be renamed or removed. */
const contract = {
  'ollama-service': ['not-installed', 'not-running', 'crash-loop', 'config-ignored', 'config-overridden'],
  'bind-address': ['bind-loopback', 'bind-unreachable-address', 'bind-dual-stack', 'bind-wrong-port'],
  'port-owner': ['port-conflict', 'port-reserved'],
  'ollama-api': [
    'not-ollama',
    'forbidden-host',
    'forbidden-origin',
    'version-mismatch',
    'api-error',
    'api-timeout',
  ],
  models: ['no-models', 'model-missing', 'generate-failed', 'generate-slow', 'stream-buffered'],
  'container-runtime': ['runtime-unavailable', 'runtime-denied'],
  'client-url': [
    'url-localhost',
    'url-wrong-port',
    'url-https',
    'url-path',
    'url-alias',
    'url-stale-gateway',
    'url-invalid',
    'proxy-hijack',
  ],
  'container-dns': ['dns-missing', 'dns-wrong-address'],
  'gateway-route': ['route-missing', 'route-wrong'],
  firewall: ['firewall-drop', 'firewall-reject'],
  'container-reach': [
    'reach-refused',
    'reach-timeout',
    'reach-unreachable',
    'reach-reset',
    'reach-http',
    'start-order',
    'container-down',
  ],
  exposure: ['exposed'],
  persistence: ['not-persistent', 'stale-rule'],
} as const satisfies Record<string, readonly FindingCode[]>;

// Fails to compile when the type knows fewer or other codes than the contract.
const everyCode: Record<FindingCode, true> = Object.fromEntries(
  Object.values(contract).flatMap((codes) => codes.map((code) => [code, true])),
) as { [Code in (typeof contract)[keyof typeof contract][number]]: true };

describe('the catalogue', () => {
  it('has the checks of the contract, in the order of the report', () => {
    expect(checkIds).toEqual(Object.keys(contract));
    expect(Object.keys(catalogue)).toEqual(Object.keys(contract));
  });

  it('has every code of the contract under its check', () => {
    for (const [check, codes] of Object.entries(contract)) {
      const found = findingEntries.filter((entry) => entry.check === check).map((entry) => entry.code);
      expect(found).toEqual(expect.arrayContaining([...codes]));
    }
  });

  it('has each code once', () => {
    const codes = findingEntries.map((entry) => entry.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThanOrEqual(Object.keys(everyCode).length);
  });

  it('uses no code that is the id of a check, as both are anchors and words for explain', () => {
    expect(findingEntries.filter((entry) => (checkIds as readonly string[]).includes(entry.code))).toEqual(
      [],
    );
  });

  it('finds an entry by its code, and none for other words', () => {
    expect(findingEntry('bind-loopback')?.check).toBe('bind-address');
    expect(findingEntry('constructor')).toBeUndefined();
  });
});

describe.each(findingEntries.map((entry) => [entry.code, entry] as const))('the entry %s', (code, entry) => {
  it('has a title that is short and no sentence', () => {
    expect(entry.title.length).toBeLessThanOrEqual(64);
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/u);
  });

  it('says what it means in two to four sentences', () => {
    const sentences = entry.meaning.split(/[.:](?:\s|$)(?=\S|$)/u).filter((part) => part.trim() !== '');
    expect(sentences.length).toBeGreaterThanOrEqual(2);
    expect(entry.meaning.match(/\.(?:\s|$)/gu)?.length ?? 0).toBeLessThanOrEqual(4);
    expect(entry.meaning).toMatch(/\.$/u);
  });

  it('says how to see it by hand and how to mend it', () => {
    expect(entry.look.length).toBeGreaterThan(0);
    for (const { command, tells } of entry.look) {
      expect(command).not.toBe('');
      expect(tells).not.toBe('');
    }
    expect(entry.mend.length).toBeGreaterThan(40);
  });

  it('names only recipes that exist', () => {
    for (const recipe of entry.recipes) expect(Object.keys(recipes)).toContain(recipe);
  });

  it('has an anchor of its own in the documentation', () => {
    expect(docsFor(code)).toBe(`docs/findings.md#${code}`);
  });

  it('is about this world: no path or name that only one machine has', () => {
    expect(JSON.stringify(entry)).not.toMatch(/\/work\/|\/root\//u);
  });
});
