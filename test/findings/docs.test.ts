import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findingsPage } from '../../scripts/build-docs/findings-page.ts';
import { reportJsonSchema } from '../../scripts/build-docs/report-schema.ts';
import { checkIds, findingEntries } from '../../src/findings/index.ts';

const docs = new URL('../../docs/', import.meta.url);

describe('the documentation made from the sources', () => {
  it('docs/findings.md is what the catalogue says (npm run docs)', async () => {
    expect(await readFile(new URL('findings.md', docs), 'utf8')).toBe(findingsPage());
  });

  it('docs/report.schema.json is what the schema says (npm run docs)', async () => {
    expect(await readFile(new URL('report.schema.json', docs), 'utf8')).toBe(reportJsonSchema());
  });

  it('has an anchor for every code, and for every check', () => {
    const page = findingsPage();
    for (const { code } of findingEntries) expect(page).toContain(`<a id="${code}"></a>`);
    for (const id of checkIds) expect(page).toContain(`\n## ${id}\n`);
  });
});
