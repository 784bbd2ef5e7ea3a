import type { Conditions, Question } from './question.ts';
import type { RecordedAnswer, RecordedEntry } from './read-entry.ts';

/** Gives the recorded answer to a question, or undefined where there is none. */
export type FindAnswer = (question: Question) => RecordedAnswer | undefined;

/**
 * The answers of a recording by question. The nth time something is asked, the nth answer recorded for it is given;
 * beyond the last one, the last. Of entries with one key, those count that name most of what tells the question apart
 * (a body, an Origin); an entry that names none of it answers all.
 */
export function indexAnswers(entries: readonly RecordedEntry[]): FindAnswer {
  const byKey = new Map<string, Group[]>();
  for (const entry of entries) {
    const groups = byKey.get(entry.key) ?? [];
    byKey.set(entry.key, groups);
    let group = groups.find((one) => sameConditions(one.conditions, entry.conditions));
    if (group === undefined) {
      group = { conditions: entry.conditions, answers: [], asked: 0 };
      groups.push(group);
    }
    const next = (group.answers.at(-1)?.nth ?? 0) + 1;
    group.answers.push({ nth: entry.nth ?? next, answer: entry.answer });
  }
  for (const groups of byKey.values()) {
    for (const group of groups) group.answers.sort((one, other) => one.nth - other.nth);
  }
  return (question) => {
    const fitting = (byKey.get(question.key) ?? []).filter((one) =>
      fits(one.conditions, question.conditions),
    );
    const best = fitting.toSorted((one, other) => size(other.conditions) - size(one.conditions))[0];
    if (best === undefined) return undefined;
    best.asked += 1;
    const { asked, answers } = best;
    return (answers.findLast((one) => one.nth <= asked) ?? answers[0])?.answer;
  };
}

interface Group {
  conditions: Conditions;
  answers: { nth: number; answer: RecordedAnswer }[];
  /** How often this group was asked. */
  asked: number;
}

const names = ['inputSha256', 'bodySha256', 'hostHeader', 'origin'] as const;

function sameConditions(one: Conditions, other: Conditions): boolean {
  return names.every((name) => one[name] === other[name]);
}

function fits(named: Conditions, asked: Conditions): boolean {
  return names.every((name) => named[name] === undefined || named[name] === asked[name]);
}

function size(conditions: Conditions): number {
  return names.filter((name) => conditions[name] !== undefined).length;
}
