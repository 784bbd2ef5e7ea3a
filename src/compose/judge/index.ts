import type { Project } from '../model/model.ts';
import { placeOf } from '../source.ts';
import type { Around, ComposeFinding } from './finding.ts';
import { judgePorts } from './ports.ts';
import { judgeUrls } from './urls.ts';

export type { Around, ComposeFinding, Cure, PortHolder } from './finding.ts';
export { publishedPorts } from './ports.ts';

/**
 * Everything in a project that cannot work, or will not always, in the order of its files and lines. Pure.
 * One line that several services share is one finding for each of them.
 */
export function judge(project: Project, around: Around): ComposeFinding[] {
  const found = [...judgeUrls(project, around), ...judgePorts(project, around)];
  const unique = new Map(
    found.map((one) => [
      `${one.code} ${one.service} ${one.at.source.path} ${one.at.start} ${one.summary}`,
      one,
    ]),
  );
  const order = project.files.map((file) => file.path);
  return [...unique.values()].sort(
    (a, b) =>
      order.indexOf(a.at.source.path) - order.indexOf(b.at.source.path) ||
      placeOf(a.at).line - placeOf(b.at).line,
  );
}
