import type { Report } from '../schema.ts';

/** `container:web` as people say it: `web`; the host is `the host`. */
export function subjectName(subject: string): string {
  return subject.startsWith('container:') ? subject.slice('container:'.length) : 'the host';
}

/** `a`, `a and b`, `a, b and c`; more than `most` are counted: `5 containers`. */
export function named(subjects: readonly string[], most: number, plural: string): string {
  const names = subjects.map(subjectName);
  if (names.length > most) return `${names.length} ${plural}`;
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `1 warning`, `2 warnings`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Containers whose way to Ollama is whole. */
export function reaching(report: Report): string[] {
  const whole = report.paths.filter(
    ({ from, hops }) =>
      from.startsWith('container:') &&
      hops.some((hop) => hop.status === 'pass') &&
      hops.every((hop) => hop.status !== 'fail' && hop.status !== 'inconclusive' && hop.status !== 'blocked'),
  );
  return [...new Set(whole.map((path) => path.from))];
}

/** Containers that a cause keeps from Ollama. */
export function affected(report: Report): string[] {
  const subjects = report.causes.flatMap((cause) => [...cause.affects, cause.subject]);
  return [...new Set(subjects)].filter((subject) => subject.startsWith('container:'));
}
