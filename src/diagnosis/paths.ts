import { aboutClient, type Way } from '../checks/clients.ts';
import type { Row } from '../engine/check.ts';
import { isThisHost } from '../path/target.ts';
import type { ComparedWay, HopName, Path, Status } from '../report/schema.ts';
import { ollamaOf } from '../ollama/product.ts';

/**
 * The way of every client's request, hop by hop, drawn from the rows that were found for it.
 * @param compared for each way, in the same order, all ways from there laid side by side
 */
export function drawPaths(
  ways: readonly Way[],
  rows: readonly Row[],
  compared: readonly (readonly ComparedWay[])[] = [],
): Path[] {
  return ways
    .map((way, index) => ({ way, others: compared[index] ?? [] }))
    .filter(({ way }) => !way.client.hypothetical)
    .map(({ way, others }) => ({
      from: way.client.subject,
      url: way.client.url?.href ?? way.client.setting?.value ?? '',
      hops: hopsOf(way, rows),
      ...(others.length === 0 ? {} : { ways: [...others] }),
    }));
}

type Hop = Path['hops'][number];

function hopsOf(way: Way, rows: readonly Row[]): Hop[] {
  const { subject } = way.client;
  const row = (id: string, of: string): Row | undefined =>
    worst(
      rows.filter(
        (one) =>
          one.id === id &&
          one.subject === of &&
          (one.about === undefined || one.about === aboutClient(way.client)),
      ),
    );
  const fromRow = (hop: HopName, found: Row | undefined): Hop =>
    found
      ? { hop, status: found.status, detail: found.summary }
      : { hop, status: 'not-applicable', detail: 'not looked at' };
  return [
    fromRow('client', row('client-url', subject)),
    fromRow('name', row('container-dns', subject)),
    fromRow('route', row('gateway-route', subject)),
    fromRow('firewall', row('firewall', subject)),
    listener(way, rows),
    ...answered(way, row('models', 'host')),
  ];
}

function listener(way: Way, rows: readonly Row[]): Hop {
  const hop = 'listener';
  if (way.works) return { hop, status: 'pass', detail: 'connected' };
  const failed = rows.find(
    (row) =>
      row.subject === 'host' &&
      row.status === 'fail' &&
      ['bind-address', 'ollama-service', 'port-owner'].includes(row.id) &&
      (row.affects === undefined || row.affects.includes(way.client.subject)),
  );
  if (failed && way.target.kind !== 'elsewhere' && way.target.kind !== 'container')
    return { hop, status: 'fail', detail: failed.summary };
  const bind = rows.find((row) => row.id === 'bind-address' && row.subject === 'host');
  if (bind && isThisHost(way.target)) return { hop, status: bind.status, detail: bind.summary };
  return { hop, status: 'blocked', detail: 'not reached' };
}

function answered(way: Way, models: Row | undefined): Hop[] {
  const { answer } = way.probe.asked;
  const notReached = (hop: HopName): Hop => ({ hop, status: 'blocked', detail: 'not reached' });
  switch (answer.kind) {
    case 'ollama':
      return [
        { hop: 'http', status: 'pass', detail: 'answers' },
        { hop: 'ollama', status: 'pass', detail: ollamaOf(answer.version) },
        answer.models
          ? {
              hop: 'model',
              status: answer.models.length > 0 ? 'pass' : 'warn',
              detail:
                answer.models.length > 0 ? answer.models.map((model) => model.name).join(', ') : 'no models',
            }
          : {
              hop: 'model',
              status: models?.status ?? 'not-applicable',
              detail: models?.summary ?? 'not looked at',
            },
      ];
    case 'not-ollama':
    case 'forbidden':
    case 'http-error':
      return [
        { hop: 'http', status: 'pass', detail: 'answers' },
        { hop: 'ollama', status: 'fail', detail: answer.kind === 'not-ollama' ? answer.what : 'an error' },
        notReached('model'),
      ];
    case 'no-answer':
      return [
        { hop: 'http', status: 'fail', detail: answer.detail },
        notReached('ollama'),
        notReached('model'),
      ];
    case 'unreachable':
    case 'unavailable':
      return [notReached('http'), notReached('ollama'), notReached('model')];
  }
}

const order: Status[] = ['fail', 'inconclusive', 'blocked', 'warn', 'pass', 'not-applicable'];

function worst(rows: Row[]): Row | undefined {
  return rows.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))[0];
}
