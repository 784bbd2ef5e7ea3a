import type { Decision, Packet, RuleReference, TraceStep } from '../../firewall/index.ts';
import type { Status } from '../schema.ts';
import { visible } from '../text/visible.ts';
import { evidenceLines } from './evidence.ts';
import { beside, paragraph } from './lines.ts';
import { mark, statusColour, symbols, type Screen } from './screen.ts';
import { counted } from './words.ts';

const statuses: Record<Decision['verdict'], Status> = {
  accept: 'pass',
  drop: 'fail',
  reject: 'fail',
  unknown: 'inconclusive',
};

const sights: Record<Decision['seen'], string> = {
  connected: 'the client gets its answer',
  refused: 'the client is refused at once',
  'host-unreachable': 'the client sees "No route to host"',
  'network-unreachable': 'the client sees "Network is unreachable"',
  timeout: 'the client hears nothing until it times out',
  unknown: 'what the client sees cannot be told',
};

const routing = {
  'rp-filter': 'no rule: the kernel drops it, as its source is not met by that interface (rp_filter)',
  martian: 'no rule: the kernel drops it, as such an address may not come in there (martian)',
  'no-route': 'no rule: there is no route for the answer',
} as const;

/**
 * The verdict on a packet, the rule that decides, and the way to it. Ends with a line feed.
 * @param keptAs what the keeper of the rules would call the deciding one
 */
export function renderDecision(packet: Packet, decision: Decision, screen: Screen, keptAs?: string): string {
  const status = statuses[decision.verdict];
  const head = { text: `${mark(screen, status)} `, width: 2 };
  const lines = [
    ...beside(
      screen,
      2,
      head,
      `${decision.verdict}: ${sights[decision.seen]}`,
      statusColour(screen, status).bold,
    ),
    ...paragraph(screen, 4, aboutPacket(packet), screen.chalk.dim),
    ...(keptAs === undefined ? [] : ['', ...paragraph(screen, 4, `by ${keptAs}`)]),
    ...decidedBy(decision, screen),
    ...listed('Not known', decision.unknown, screen),
    ...listed('Decided for the first packet; later ones may fare otherwise', decision.dependsOnRate, screen),
    ...way(decision.trace, screen),
    ...listed('Notes', decision.notes, screen),
  ];
  return `${lines.join('\n')}\n`;
}

function aboutPacket(packet: Packet): string {
  const v6 = packet.destination.includes(':');
  const destination = v6 ? `[${packet.destination}]` : packet.destination;
  return `from ${packet.source} on ${packet.inInterface} to ${destination}:${packet.destinationPort}`;
}

function decidedBy(decision: Decision, screen: Screen): string[] {
  const by = decision.decidedBy;
  if (by === null)
    return decision.verdict === 'accept' ? paragraph(screen, 4, 'no rule stands in the way') : [];
  if (!('chain' in by)) return paragraph(screen, 4, routing[by.reason]);
  return ['', ...evidenceLines([{ source: placeOf(by), text: by.text }], screen, 4)];
}

function placeOf(rule: RuleReference): string {
  const where = `table ${rule.table}, chain ${rule.chain}`;
  const which = rule.rule === null ? 'policy' : `rule ${rule.rule}`;
  const counter = rule.packets === undefined ? '' : `, ${counted(rule.packets, 'packet')}`;
  return `${where}, ${which} (${rule.family}, ${rule.backend}${counter})`;
}

function way(trace: readonly TraceStep[], screen: Screen): string[] {
  const chains = trace.map(
    (step) =>
      `${step.chain}${step.rule === null ? '' : ` ${step.rule}`} ${step.action}${step.target === undefined ? '' : ` ${step.target}`}`,
  );
  if (chains.length < 2) return [];
  return ['', ...paragraph(screen, 4, `The way: ${chains.map(visible).join(`, `)}`, screen.chalk.dim)];
}

function listed(title: string, items: readonly string[], screen: Screen): string[] {
  if (items.length === 0) return [];
  return [
    '',
    ...paragraph(screen, 4, title, screen.chalk.bold),
    ...items.flatMap((item) => beside(screen, 4, { text: `${symbols(screen).dash} `, width: 2 }, item)),
  ];
}
