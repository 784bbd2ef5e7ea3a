import { z } from 'zod';
import { hopNames, schemaVersion } from './constants.ts';

/**
 * The JSON report. This schema is the one source of its types, its validation and the published JSON Schema.
 * Fields may be added; none may be renamed or removed (README, "JSON").
 */

const statusSchema = z.enum(['pass', 'warn', 'fail', 'inconclusive', 'blocked', 'not-applicable']);
export type Status = z.infer<typeof statusSchema>;

const evidenceSchema = z.object({
  /** The command or file it was seen in. */
  source: z.string(),
  text: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** `host`, or `container:NAME`. */
export const subjectSchema = z.string().regex(/^(host|container:.+)$/su);

const subjectIdSchema = z.object({
  runtime: z.enum(['docker', 'podman']),
  endpoint: z.string(),
  id: z.string(),
  name: z.string(),
});
export type SubjectId = z.infer<typeof subjectIdSchema>;

const checkRowSchema = z.object({
  id: z.string(),
  subject: subjectSchema,
  subjectId: subjectIdSchema.optional(),
  status: statusSchema,
  /** Finding code of the catalogue, on rows that failed or warn. */
  code: z.string().optional(),
  summary: z.string(),
  evidence: z.array(evidenceSchema),
  recipe: z.string().nullable(),
  instructions: z.array(z.string()),
  /** `ID@SUBJECT` of the row that stood in the way. */
  blockedBy: z.string().optional(),
  /** For a failed row that another cause explains: that cause's code. It is then no cause itself. */
  explainedBy: z.string().optional(),
  affects: z.array(subjectSchema).optional(),
  /** True when an inconclusive or blocked row makes the whole report `incomplete`. */
  matters: z.boolean(),
  durationMs: z.number(),
  docs: z.string(),
});
export type CheckRow = z.infer<typeof checkRowSchema>;

const causeSchema = z.object({
  code: z.string(),
  subject: subjectSchema,
  summary: z.string(),
  affects: z.array(subjectSchema),
  recipe: z.string().nullable(),
});
export type Cause = z.infer<typeof causeSchema>;

export type HopName = (typeof hopNames)[number];

const comparedWaySchema = z.object({
  /** What the way is called: `localhost`, `gateway of app_default`, `docker0`. */
  name: z.string(),
  url: z.string(),
  works: z.boolean(),
  /** In a closed set of words: ok, refused, timeout, name-not-found and so on. */
  outcome: z.string(),
  /** The address that was asked, where it is known. */
  address: z.string().optional(),
  /** The hop at which it ends; absent where it works, or could not be asked. */
  diesAt: z.enum(hopNames).optional(),
  detail: z.string(),
});
export type ComparedWay = z.infer<typeof comparedWaySchema>;

const pathSchema = z.object({
  from: subjectSchema,
  url: z.string(),
  hops: z.array(z.object({ hop: z.enum(hopNames), status: statusSchema, detail: z.string() })),
  /** Every way from there that someone might try, side by side; where its own URL does not work, or with --verbose. */
  ways: z.array(comparedWaySchema).optional(),
});
export type Path = z.infer<typeof pathSchema>;

const changeSchema = z.object({
  kind: z.enum(['file', 'command']),
  summary: z.string(),
  diff: z.string(),
  commands: z.array(z.string()),
  elevated: z.boolean(),
});
export type ReportedChange = z.infer<typeof changeSchema>;

const fixStatusSchema = z.enum(['planned', 'applied', 'verified', 'rolled-back', 'failed', 'declined']);
export type FixStatus = z.infer<typeof fixStatusSchema>;

const fixSchema = z.object({
  recipe: z.string(),
  status: fixStatusSchema,
  /** Name of the receipt that `undo` takes; absent while nothing was changed. */
  receipt: z.string().optional(),
  changes: z.array(changeSchema),
  /** Who gains access by it, what it costs, what to do afterwards. */
  notes: z.array(z.string()),
});
export type Fix = z.infer<typeof fixSchema>;

const hostSchema = z.object({
  platform: z.enum(['linux', 'darwin', 'win32']),
  environment: z.string(),
  arch: z.string(),
  elevated: z.boolean(),
});

const overallStatusSchema = z.enum(['healthy', 'problems', 'incomplete']);
export type OverallStatus = z.infer<typeof overallStatusSchema>;

const countsSchema = z.object({
  pass: z.number(),
  warn: z.number(),
  fail: z.number(),
  inconclusive: z.number(),
  blocked: z.number(),
  'not-applicable': z.number(),
});

const toolSchema = z.object({ name: z.literal('ollama-doctor'), version: z.string() });

export const reportSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  tool: toolSchema,
  host: hostSchema,
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  durationMs: z.number(),
  status: overallStatusSchema,
  counts: countsSchema,
  checks: z.array(checkRowSchema),
  skipped: z.array(z.string()),
  causes: z.array(causeSchema),
  paths: z.array(pathSchema),
  fixes: z.array(fixSchema),
});
export type Report = z.infer<typeof reportSchema>;

export const errorDocumentSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  tool: toolSchema,
  error: z.object({
    code: z.enum(['usage', 'replay', 'internal']),
    message: z.string(),
    hint: z.string(),
  }),
});
export type ErrorDocument = z.infer<typeof errorDocumentSchema>;
