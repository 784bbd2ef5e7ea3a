// Writes the pages of docs/ that are made from the sources. `npm run docs`.
import { writeFile } from 'node:fs/promises';
import { findingsPage } from './findings-page.ts';
import { reportJsonSchema } from './report-schema.ts';

const docs = new URL('../../docs/', import.meta.url);
await writeFile(new URL('findings.md', docs), findingsPage());
await writeFile(new URL('report.schema.json', docs), reportJsonSchema());
