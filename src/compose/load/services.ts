import { mapAt } from '../model/scope.ts';
import { ComposeProblem } from '../problem.ts';
import { placeOf } from '../source.ts';
import type { MapEntry, MapTree } from '../yaml/tree.ts';

/** The services of a document by name. @throws ComposeProblem where `services` is no map of such */
export function servicesOf(root: MapTree): ReadonlyMap<string, MapEntry> {
  const services = mapAt(root.entries.get('services')?.value, 'services');
  for (const [name, { key }] of services?.entries ?? []) {
    if (!/^[\w.-]+$/u.test(name))
      throw new ComposeProblem(
        `${name} is no name for a service`,
        placeOf(key),
        'letters, digits, _ . and - are',
      );
  }
  return services?.entries ?? new Map();
}
