import type { Receipt, Receipts, Undone } from '../../changes/index.ts';
import type { Status } from '../schema.ts';
import { beside, paragraph } from './lines.ts';
import { mark, statusColour, symbols, type Screen } from './screen.ts';

/** What undo did, or why it did not. */
export function undoLines(undone: Undone, screen: Screen): string[] {
  switch (undone.status) {
    case 'undone':
      return [...head(screen, 'pass', `Taken back: ${undone.receipt}`), ...items(undone.undone, screen)];
    case 'nothing': {
      const unseen = 'unavailable' in undone ? undone.unavailable : undefined;
      const text =
        undone.receipt === undefined
          ? 'Nothing to take back'
          : `Nothing of ${undone.receipt} is left to take back`;
      if (unseen === undefined) return head(screen, 'pass', text);
      return [...head(screen, 'inconclusive', `${text} that you may see`), ...paragraph(screen, 4, unseen)];
    }
    case 'refused':
      return [
        ...head(screen, 'fail', 'Not undone, and nothing was touched'),
        ...paragraph(screen, 4, undone.reason),
        ...nextCommands(undone).flatMap((words) =>
          paragraph(screen, 6, `${screen.command} undo ${words}`, screen.chalk.cyan),
        ),
        ...(undone.files.length === 0
          ? []
          : paragraph(
              screen,
              4,
              `takes back the rest, and leaves ${undone.files.length === 1 ? 'that file as it is' : 'those files as they are'}`,
              screen.chalk.dim,
            )),
      ];
    case 'failed':
      return [
        ...head(screen, 'fail', `Only a part of ${undone.receipt} was taken back; it can be tried again`),
        ...paragraph(screen, 4, undone.reason),
        ...titled('Taken back', undone.undone, screen),
        ...titled('Still in place', undone.left, screen),
      ];
    case 'unknown-receipt':
      return head(screen, 'fail', `There is no receipt ${undone.receipt}`);
  }
}

/** What to type after a refusal, behind `undo`. */
function nextCommands(refused: Extract<Undone, { status: 'refused' }>): string[] {
  if ('first' in refused && refused.first) return [...refused.first];
  const words = [
    ...(refused.receipt === undefined ? [] : [refused.receipt]),
    ...refused.files.map(({ path }) => `--keep ${path}`),
  ];
  return refused.files.length === 0 ? [] : [words.join(' ')];
}

/** What there is to take back, latest first. */
export function receiptList(all: Receipts, screen: Screen): string[] {
  const notSeen =
    all.unavailable === undefined ? [] : paragraph(screen, 4, all.unavailable, screen.chalk.magenta);
  if (all.receipts.length === 0)
    return [...head(screen, 'pass', 'Nothing was changed here by a fix'), ...notSeen];
  return [...all.receipts.flatMap((receipt) => oneReceipt(receipt, screen)), ...notSeen];
}

const states: Record<Receipt['status'], { status: Status; text: string }> = {
  'in-place': { status: 'pass', text: 'in place' },
  unfinished: { status: 'warn', text: 'was cut short, and what it did is still there' },
  undone: { status: 'not-applicable', text: 'taken back' },
  unreadable: { status: 'inconclusive', text: 'its journal cannot be read' },
};

function oneReceipt(receipt: Receipt, screen: Screen): string[] {
  const { status, text } = states[receipt.status];
  const when =
    receipt.at === undefined
      ? ''
      : ` of ${new Date(receipt.at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const what = receipt.recipes.length === 0 ? '' : `: ${receipt.recipes.join(', ')}`;
  const lines = beside(
    screen,
    2,
    { text: `${mark(screen, status)} `, width: 2 },
    `${receipt.id}${when}, ${text}${what}`,
  );
  return [...lines, ...items(receipt.left, screen)];
}

function head(screen: Screen, status: Status, text: string): string[] {
  return beside(
    screen,
    2,
    { text: `${mark(screen, status)} `, width: 2 },
    text,
    statusColour(screen, status).bold,
  );
}

function titled(title: string, texts: readonly string[], screen: Screen): string[] {
  return texts.length === 0
    ? []
    : [...paragraph(screen, 4, title, screen.chalk.bold), ...items(texts, screen)];
}

function items(texts: readonly string[], screen: Screen): string[] {
  return texts.flatMap((text) => beside(screen, 4, { text: `${symbols(screen).dash} `, width: 2 }, text));
}
