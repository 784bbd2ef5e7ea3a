import { aboutClient, type Way } from '../checks/clients.ts';
import type { Row } from '../engine/check.ts';
import type { DiagnosisOptions } from './options.ts';

/**
 * Whether not knowing a row leaves the question open. What was asked for by name always matters. Otherwise what lies
 * on the way of a container that uses Ollama does, unless that container's own request got through.
 */
export function matters(row: Row, ways: readonly Way[], options: DiagnosisOptions): boolean {
  if (row.status !== 'inconclusive' && row.status !== 'blocked') return false;
  if (options.only.includes(row.id)) return true;
  if (row.matters !== undefined) return row.matters;
  if (options.requireModels.length > 0 && row.id === 'models') return true;
  const real = ways.filter((way) => !way.client.hypothetical);
  if (row.subject !== 'host')
    return real.some(
      (way) =>
        way.client.subject === row.subject &&
        !way.works &&
        (row.about === undefined || row.about === aboutClient(way.client)),
    );
  return real.length === 0 || real.some((way) => !way.works);
}
