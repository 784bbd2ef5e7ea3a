import type { Evidence, Status, SubjectId } from '../report/schema.ts';

/**
 * One hop of the path, looked at for one subject at a time. `C` is whatever the checks share; the engine passes it on
 * and never looks inside.
 */
export interface Check<C> {
  /** Public and stable (DESIGN: ids). */
  readonly id: string;
  /** Ids of checks that must have passed (or warned, or not applied) for the same subject, and for the host, before this runs. */
  readonly needs: readonly string[];
  /** What it is looked at for: `host`, `container:NAME`. An empty list gives one `not-applicable` row. */
  subjects(context: C): Promise<readonly string[]>;
  /** Looks, and says what it found: one finding per code, at least one. May throw: that is `inconclusive` with the reason. */
  run(context: C, subject: string): Promise<Finding[]>;
  /** Said when there is no subject. */
  readonly notApplicable: string;
}

/** What a check says of one subject. */
export interface Finding {
  /** `blocked` where the check itself found that an earlier hop stands in the way; names it in `blockedBy`. */
  status: Status;
  blockedBy?: string;
  code?: string;
  /** One sentence with the values that matter. */
  summary: string;
  evidence?: Evidence[];
  recipe?: string;
  /** What a person would type; for what no recipe mends. */
  instructions?: string[];
  subjectId?: SubjectId;
  /** Subjects that suffer from it, where they are others than the row's own. */
  affects?: string[];
  /** The code of the cause that explains this failure, which is then only a symptom. */
  explainedBy?: string;
  /**
   * Which of several things of the subject it is about (one URL of a container that has two): findings about different
   * ones never explain each other. In no report.
   */
  about?: string;
  /** Whether an inconclusive finding makes the report `incomplete`; default true. */
  matters?: boolean;
}

/** A finding with its place and time. */
export interface Row extends Finding {
  id: string;
  subject: string;
  durationMs: number;
}
