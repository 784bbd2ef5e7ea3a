import type { Evidence } from '../schema.ts';
import { visible, visibleLines } from '../text/visible.ts';
import { wrap } from '../text/width.ts';
import { room } from './lines.ts';
import { symbols, type Screen } from './screen.ts';
import { counted } from './words.ts';

/** Lines of one piece of evidence that are shown unless all are asked for. */
const mostLines = 6;

/** What was seen, under where it was seen, with a bar on its left so that it reads as quoted. */
export function evidenceLines(evidence: readonly Evidence[], screen: Screen, indent: number): string[] {
  const bar = `${' '.repeat(indent)}${screen.chalk.dim(symbols(screen).bar)} `;
  const columns = room(screen, indent + 4);
  return evidence.flatMap(({ source, text }) => {
    const all = visibleLines(text);
    const most = screen.detail === 'verbose' ? all.length : mostLines;
    // One line more costs no more than saying that it is left out.
    const shown = all.length <= most + 1 ? all : all.slice(0, most);
    const left = all.length - shown.length;
    return [
      ...wrap(visible(source), columns + 2).map((line) => bar + screen.chalk.dim(line)),
      ...shown.flatMap((line) => wrap(line, columns).map((part) => `${bar}  ${part}`)),
      ...(left === 0
        ? []
        : [
            `${bar}  ${screen.chalk.dim(`${symbols(screen).ellipsis} ${counted(left, 'more line')} (--verbose)`)}`,
          ]),
    ];
  });
}
