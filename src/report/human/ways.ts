import type { ComparedWay, Path } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { displayWidth, pad } from '../text/width.ts';
import { beside, paragraph, room } from './lines.ts';
import { mark, type Screen } from './screen.ts';
import { subjectName } from './words.ts';

/**
 * All ways from a container side by side, each with the hop at which it ends, where everything is wanted; else one line
 * that names those that work, when the client's own does not.
 */
export function waysBeside(path: Path, screen: Screen): string[] {
  const { ways = [] } = path;
  if (ways.length === 0) return [];
  return screen.detail === 'verbose' ? compared(path, ways, screen) : working(path, ways, screen);
}

function working(path: Path, ways: readonly ComparedWay[], screen: Screen): string[] {
  if (path.hops.every((hop) => hop.status !== 'fail')) return [];
  const works = ways.filter((way) => way.works).map((way) => way.url);
  if (works.length === 0) return [];
  return paragraph(screen, 4, `From there this works: ${works.slice(0, 2).join(', ')}`, screen.chalk.green);
}

function compared(path: Path, ways: readonly ComparedWay[], screen: Screen): string[] {
  const width = Math.max(...ways.map((way) => displayWidth(visible(titleOf(way)))));
  // On a narrow screen the end of a way stands under its name.
  const stacked = width > room(screen, 4) * 0.6;
  return [
    ...paragraph(screen, 4, `All ways from ${subjectName(path.from)}`, screen.chalk.bold),
    ...ways.flatMap((way) => {
      const status = way.works ? 'pass' : way.diesAt === undefined ? 'inconclusive' : 'fail';
      const sign = mark(screen, status);
      if (stacked)
        return [
          ...beside(screen, 4, { text: `${sign} `, width: 2 }, titleOf(way)),
          ...paragraph(screen, 8, endOf(way)),
        ];
      const head = { text: `${sign} ${pad(visible(titleOf(way)), width)}  `, width: 4 + width };
      return beside(screen, 4, head, endOf(way));
    }),
  ];
}

/** What it is called, and the address where the name does not show it. */
function titleOf({ name, url, address }: ComparedWay): string {
  const host = new URL(url).host;
  const called = host.startsWith(`${name}:`) ? host : `${name}, ${host}`;
  return address === undefined || url.includes(address) ? called : `${called} (${address})`;
}

function endOf({ detail, diesAt }: ComparedWay): string {
  // The detail of an outcome begins with its own, coarser step: `connection: refused`.
  const what = detail
    .replace(/^(?:name|route|connection|HTTP|TLS|Ollama): /u, '')
    .replace(/(?<=\S) at \S+:\d+(?= |$)/u, '');
  return diesAt === undefined ? what : `ends at the ${diesAt}: ${what}`;
}
