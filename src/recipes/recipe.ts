import type { Plan, Refusal } from '../changes/change.ts';
import type { Situation } from '../diagnosis/collectors.ts';
import type { RulesetListing } from '../facts/network.ts';
import type { Cause } from '../report/schema.ts';

/** From causes to a plan. Recipes read facts and files; none of them changes or prints anything. */
export interface Recipe {
  readonly id: string;
  /** Codes of the findings it mends. */
  readonly cures: readonly string[];
  /** Carried out only when it is named: what it changes is somebody's wish, not a mend. */
  readonly onDemand?: boolean;
  /** Works out what to do about all causes of these codes at once. Never throws for what it finds. */
  plan(planning: Planning, causes: readonly Cause[]): Promise<Outcome>;
}

export interface Outcome {
  plan?: Plan;
  refusals: Refusal[];
}

/** What the machine will be once everything planned so far is done; each recipe adds to it and judges by it. */
export interface Draft {
  /** The packet filter's listings; undefined where they could not be read. */
  listings: RulesetListing[] | undefined;
  /** Texts of files that are planned to change (null: removed). */
  files: Map<string, string | null>;
  /** The port that Ollama is planned to listen on; absent where that does not change. */
  port?: number;
}

export interface Planning extends Situation {
  draft: Draft;
}

/** The key by which a plan names a cause. */
export function keyOf(cause: Cause): string {
  return `${cause.code}@${cause.subject}`;
}

export function refusal(recipe: string, reason: string, instructions: string[]): Outcome {
  return { refusals: [{ recipe, reason, instructions }] };
}
