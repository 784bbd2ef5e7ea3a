import { visible } from '../text/visible.ts';
import { displayWidth, pad, wrap } from '../text/width.ts';
import type { Screen } from './screen.ts';

type Style = (text: string) => string;

const plain: Style = (text) => text;

/** Longer lines than this are hard to read, however wide the terminal is. */
const widest = 110;

/** Columns there are after an indentation. */
export function room(screen: Screen, indent: number): number {
  return Math.max(20, Math.min(screen.columns, widest) - indent);
}

/** A text as lines, indented, broken to fit, made visible and styled. */
export function paragraph(screen: Screen, indent: number, text: string, style: Style = plain): string[] {
  return wrap(visible(text), room(screen, indent)).map((line) => ' '.repeat(indent) + style(line));
}

/**
 * A text beside a head: the head (already styled, `headWidth` columns with its distance) on the first line, and the
 * lines of the text under each other.
 */
export function beside(
  screen: Screen,
  indent: number,
  head: { text: string; width: number },
  text: string,
  style: Style = plain,
): string[] {
  const lines = wrap(visible(text), room(screen, indent + head.width));
  return lines.map(
    (line, index) => ' '.repeat(indent) + (index === 0 ? head.text : ' '.repeat(head.width)) + style(line),
  );
}

/** A title, and its code at the right edge where there is room, else under it. Four columns in. */
export function heading(title: string, code: string, screen: Screen, style: Style): string[] {
  const lines = paragraph(screen, 4, title, style);
  const gap = room(screen, 4) - displayWidth(visible(title)) - displayWidth(code);
  const label = screen.chalk.dim(visible(code));
  return gap < 2 ? [...lines, `    ${label}`] : [`${lines.join('')}${' '.repeat(gap)}${label}`];
}

/** Two columns, the left one as wide as its widest cell, at most half of the room; cells are plain text. */
export function table(
  screen: Screen,
  indent: number,
  rows: readonly (readonly [string, string])[],
  styles: { left?: Style; right?: Style } = {},
): string[] {
  const half = Math.floor(room(screen, indent) / 2);
  const width = Math.max(
    ...rows.map(([left]) => displayWidth(visible(left))).filter((columns) => columns <= half),
    0,
  );
  return rows.flatMap(([left, right]) => {
    const cell = visible(left);
    if (right === '') return [`${' '.repeat(indent)}${(styles.left ?? plain)(cell)}`];
    if (displayWidth(cell) > half) {
      return [
        ...paragraph(screen, indent, left, styles.left),
        ...paragraph(screen, indent + 4, right, styles.right),
      ];
    }
    const head = { text: (styles.left ?? plain)(pad(cell, width)) + '   ', width: width + 3 };
    return beside(screen, indent, head, right, styles.right);
  });
}
