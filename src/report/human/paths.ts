import type { Path, Report } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { pad } from '../text/width.ts';
import { beside, paragraph } from './lines.ts';
import { mark, statusColour, symbols, type Screen } from './screen.ts';
import { subjectName } from './words.ts';

type Hop = Path['hops'][number];

/** Every broken way, hop by hop, with the place where it breaks; all of them when every row is wanted. */
export function paths(report: Report, screen: Screen): string[] {
  const wanted =
    screen.detail === 'verbose'
      ? report.paths
      : report.paths.filter((path) => path.hops.some((hop) => hop.status === 'fail')).slice(0, 3);
  return wanted.flatMap((path) => ['', ...onePath(path, screen)]);
}

function onePath(path: Path, screen: Screen): string[] {
  const { rail } = symbols(screen);
  const { chalk } = screen;
  const broken = path.hops.findIndex((hop) => hop.status === 'fail');
  const lines = unreachedTogether(path.hops).flatMap(({ hop, names }) => {
    const index = path.hops.indexOf(hop);
    const atBreak = index === broken;
    const track =
      broken === -1 || index < broken
        ? statusColour(screen, 'pass')(rail.whole)
        : atBreak
          ? chalk.red.bold(rail.broken)
          : chalk.dim(rail.beyond);
    const name = pad(names, Math.max(9, names.length + 1));
    const style = hop.status === 'fail' ? chalk.red : hop.status === 'pass' ? plain : chalk.dim;
    const head = { text: `${track} ${mark(screen, hop.status)} ${style(name)} `, width: 5 + name.length };
    const text = hop.detail === '' ? '' : hop.detail;
    return [
      ...beside(screen, 4, head, text, atBreak ? chalk.red : style),
      ...(atBreak ? [`    ${track}   ${chalk.red.bold('it breaks here')}`] : []),
    ];
  });
  const title = `From ${subjectName(path.from)} to ${visible(path.url)}`;
  return [...paragraph(screen, 4, title, chalk.bold), ...lines];
}

const plain = (text: string): string => text;

/** Hops that were not reached and say nothing of their own share one line. */
function unreachedTogether(hops: readonly Hop[]): { hop: Hop; names: string }[] {
  const result: { hop: Hop; names: string }[] = [];
  for (const hop of hops) {
    const last = result.at(-1);
    const quiet = hop.status === 'blocked' || hop.status === 'not-applicable';
    if (quiet && last && last.hop.status === hop.status && last.hop.detail === hop.detail) {
      last.names += `, ${hop.hop}`;
    } else {
      result.push({ hop, names: hop.hop });
    }
  }
  return result;
}
