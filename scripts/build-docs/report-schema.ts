import { z } from 'zod';
import { errorDocumentSchema, reportSchema } from '../../src/report/schema.ts';

/** docs/report.schema.json: what `--json` prints, a report or the reason why there is none, as JSON Schema 2020-12. */
export function reportJsonSchema(): string {
  const { $schema, ...document } = z.toJSONSchema(z.union([reportSchema, errorDocumentSchema]), {
    io: 'input',
  });
  return `${JSON.stringify({ $schema, title: 'ollama-doctor --json', ...document }, null, 2)}\n`;
}
