import { findingEntry } from '../../findings/catalogue.ts';
import type { Cause, Path, Report, Status } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { displayWidth, pad } from '../text/width.ts';
import { beside, paragraph, room } from './lines.ts';
import { waysBeside } from './ways.ts';
import { mark, symbols, type Screen } from './screen.ts';
import { subjectName } from './words.ts';

type Hop = Path['hops'][number];

/** Every broken way, hop by hop, with the place where it breaks; all of them when every row is wanted. */
export function paths(report: Report, screen: Screen): string[] {
  const wanted =
    screen.detail === 'verbose'
      ? report.paths
      : report.paths.filter((path) => path.hops.some((hop) => hop.status === 'fail')).slice(0, 3);
  return wanted.flatMap((path) => ['', ...onePath(path, report.causes, screen)]);
}

function onePath(path: Path, causes: readonly Cause[], screen: Screen): string[] {
  const broken = path.hops.findIndex((hop) => hop.status === 'fail');
  const title = `From ${subjectName(path.from)} to ${visible(path.url)}`;
  return [
    ...paragraph(screen, 4, title, screen.chalk.bold),
    ...unreachedTogether(path.hops).flatMap(({ hop, names }) => {
      const index = path.hops.indexOf(hop);
      const told = { ...hop, detail: shortened(hop.detail, causes) };
      return oneHop(told, names, broken === -1 ? 'whole' : place(index, broken), screen);
    }),
    ...waysBeside(path, screen),
  ];
}

/** A cause that was told in full above is named here by its title and number. */
function shortened(detail: string, causes: readonly Cause[]): string {
  const index = causes.findIndex((cause) => cause.summary === detail);
  const title = findingEntry(causes[index]?.code ?? '')?.title;
  if (title === undefined) return detail;
  return causes.length === 1 ? title : `${title} (${index + 1})`;
}

type Place = 'whole' | 'broken' | 'beyond';

function place(index: number, broken: number): Place {
  if (index === broken) return 'broken';
  return index < broken ? 'whole' : 'beyond';
}

function oneHop(hop: Hop, names: string, where: Place, screen: Screen): string[] {
  const { chalk } = screen;
  const rails = { whole: chalk.green, broken: chalk.red.bold, beyond: chalk.dim };
  const styles: Partial<Record<Status, Style>> = { pass: plain, fail: chalk.red, warn: chalk.yellow };
  const style = styles[hop.status] ?? chalk.dim;
  const track = rails[where](symbols(screen).rail[where]);
  const name = pad(names, 8);
  const head = {
    text: `${track} ${mark(screen, hop.status)} ${style(name)}  `,
    width: 6 + displayWidth(name),
  };
  const lines = beside(screen, 4, head, hop.detail, style);
  if (where !== 'broken') return lines;
  const label = `${symbols(screen).here} it breaks here`;
  const used = 4 + head.width + displayWidth(visible(hop.detail));
  const fits = lines.length === 1 && used + 2 + displayWidth(label) <= room(screen, 0);
  const told = chalk.red.bold(label);
  return fits
    ? [`${lines[0]}  ${told}`]
    : [...lines, `    ${track}   ${' '.repeat(displayWidth(name) + 2)}${told}`];
}

type Style = (text: string) => string;

const plain: Style = (text) => text;

/** Hops in a row that were not reached, and say the same of it, share one line. */
function unreachedTogether(hops: readonly Hop[]): { hop: Hop; names: string }[] {
  const result: { hop: Hop; names: string }[] = [];
  for (const hop of hops) {
    const last = result.at(-1);
    const quiet = hop.status === 'blocked' || hop.status === 'not-applicable';
    if (quiet && last?.hop.status === hop.status && last.hop.detail === hop.detail) {
      last.names += `, ${hop.hop}`;
    } else {
      result.push({ hop, names: hop.hop });
    }
  }
  return result;
}
