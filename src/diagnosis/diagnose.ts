import { checks } from '../checks/index.ts';
import { allWays, type Way } from '../checks/clients.ts';
import { hostOnly } from '../checks/context.ts';
import type { Row } from '../engine/check.ts';
import { type EngineEvent, runChecks } from '../engine/engine.ts';
import { docsFor } from '../findings/index.ts';
import type { Machine } from '../machine/machine.ts';
import { counts, overallStatus } from '../report/status.ts';
import type { CheckRow, ComparedWay, Fix, Report } from '../report/schema.ts';
import { toolVersion } from '../report/tool.ts';
import { findCauses } from './causes.ts';
import { withClientRecipes } from './client-recipes.ts';
import { assertContainersExist } from './known-containers.ts';
import type { Facts, Situation } from './collectors.ts';
import { explainSymptoms } from './explanations.ts';
import { collectFacts } from './facts.ts';
import { matters } from './matters.ts';
import type { DiagnosisOptions } from './options.ts';
import { drawPaths } from './paths.ts';
import { within } from './within.ts';

export interface Diagnosis {
  report: Report;
  situation: Situation;
}

/**
 * Looks at everything and says what is wrong. Changes nothing. Ends within `options.timeoutMs` plus what cannot be
 * interrupted of a running system call.
 *
 * @throws UnknownContainerError when --container names one that no answering engine knows.
 */
export async function diagnose(
  machine: Machine,
  options: DiagnosisOptions,
  observe: (event: EngineEvent) => void = () => undefined,
): Promise<Diagnosis> {
  const startedAt = machine.now();
  const begun = performance.now();
  const facts = collectFacts(machine, options);
  if (options.containers.length > 0) await within(options.timeoutMs, assertContainersExist(facts), undefined);
  const chosen = checks.filter((check) => isChosen(check.id, options));
  const comparing = options.compare !== 'none' && chosen.some((check) => check.id === 'container-reach');
  startLookingEarly(facts, options, comparing);
  const leftOut = new Set(checks.filter((check) => !isChosen(check.id, options)).map((check) => check.id));
  const runnable = chosen.map((check) => ({
    ...check,
    needs: check.needs.filter((need) => !leftOut.has(need)),
  }));
  const rows = explainSymptoms(
    await runChecks(runnable, facts, {
      timeoutMs: Math.max(1, options.timeoutMs - (performance.now() - begun)),
      observe,
      clock: () => machine.now(),
    }),
  );
  const left = Math.max(50, options.timeoutMs - (performance.now() - begun));
  const ways = chosen.some((check) => check.subjects !== hostOnly) ? await waysNow(facts) : [];
  const reported = rows.map((row) => toCheckRow(row, ways, options));
  const report: Report = {
    schemaVersion: 1,
    tool: { name: 'ollama-doctor', version: toolVersion },
    host: {
      platform: machine.identity.platform,
      environment: machine.identity.environment,
      arch: machine.identity.arch,
      elevated: machine.identity.elevated,
    },
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.max(0, Math.round(machine.now() - startedAt)),
    status: overallStatus(reported, options.failOn),
    counts: counts(reported),
    checks: reported,
    skipped: [...leftOut],
    causes: withClientRecipes(
      findCauses(rows),
      ways.map((way) => way.client),
    ),
    paths: drawPaths(ways, rows, comparing ? await comparisons(facts, ways, left) : []),
    fixes: [] satisfies Fix[],
  };
  return { report, situation: { facts, machine } };
}

/**
 * The longest chain goes over the container engine to a request from inside, so it begins before anything else; the
 * rulesets are next, as a probe waits for them. A failure is met again by whoever needs the fact.
 */
function startLookingEarly(facts: Facts, options: DiagnosisOptions, comparing: boolean): void {
  if (comparing) startComparing(facts).catch(() => undefined);
  if (options.only.length > 0) return;
  for (const fact of [facts.containers(), facts.rulesets()]) fact.catch(() => undefined);
}

async function startComparing(facts: Facts): Promise<void> {
  for (const client of await facts.clients()) facts.comparison(client).catch(() => undefined);
}

/** The ways of each client laid side by side, as far as they were in time. */
async function comparisons(facts: Facts, ways: readonly Way[], leftMs: number): Promise<ComparedWay[][]> {
  return Promise.all(
    ways.map((way) =>
      within(
        leftMs,
        facts.comparison(way.client).catch(() => []),
        [],
      ),
    ),
  );
}

function isChosen(id: string, options: DiagnosisOptions): boolean {
  return (options.only.length === 0 || options.only.includes(id)) && !options.skip.includes(id);
}

/** Ways as far as they were looked at; when time ran out on them, there are none to draw. */
async function waysNow(facts: Facts): Promise<Way[]> {
  return within(
    50,
    allWays(facts).catch(() => []),
    [],
  );
}

function toCheckRow(row: Row, ways: readonly Way[], options: DiagnosisOptions): CheckRow {
  return {
    id: row.id,
    subject: row.subject,
    ...(row.subjectId ? { subjectId: row.subjectId } : {}),
    status: row.status,
    ...(row.code === undefined ? {} : { code: row.code }),
    summary: row.summary,
    evidence: row.evidence ?? [],
    recipe: row.recipe ?? null,
    instructions: row.instructions ?? [],
    ...(row.blockedBy === undefined ? {} : { blockedBy: row.blockedBy }),
    ...(row.explainedBy === undefined ? {} : { explainedBy: row.explainedBy }),
    ...(row.affects === undefined ? {} : { affects: row.affects }),
    matters: matters(row, ways, options),
    durationMs: row.durationMs,
    docs: docsFor(row.code ?? row.id),
  };
}
