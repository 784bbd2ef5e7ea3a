import { ComposeProblem } from '../problem.ts';
import { placeOf } from '../source.ts';
import type { Tree } from '../yaml/tree.ts';
import type { Port } from './model.ts';
import { listAt, mapAt, scalarAt, type Scope, written } from './scope.ts';

/**
 * Published ports, short (`[ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]`, ranges, IPv6 in brackets) and long syntax
 * (compose-spec 05-services.md, "ports").
 */
export function readPorts(tree: Tree, scope: Scope): Port[] {
  return listAt(tree, 'ports').flatMap((item): Port[] => {
    if (item.kind === 'scalar') {
      const { value, variables } = written(item, scope);
      const port = shortPort(value);
      if (port) return [{ ...port, at: item.at }];
      // A variable that is not set here may well be where it is started.
      if (value.trim() === '' || variables.length > 0) return [];
      throw new ComposeProblem(
        `${value} is no port`,
        placeOf(item.at),
        'write HOST:CONTAINER, for example 11434:11434',
      );
    }
    const map = mapAt(item, 'ports');
    const field = (name: string): string => {
      const scalar = scalarAt(map?.entries.get(name)?.value, name);
      return scalar ? written(scalar, scope).value : '';
    };
    const target = range(field('target'));
    if (!target) return [];
    const published = range(field('published'));
    return [
      { hostAddress: field('host_ip'), published, target, protocol: field('protocol') || 'tcp', at: item.at },
    ];
  });
}

function shortPort(text: string): Omit<Port, 'at'> | undefined {
  const [, body = '', protocol = 'tcp'] = /^(.*?)(?:\/(\w+))?$/su.exec(text.trim()) ?? [];
  const parts = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(?:([^:]*):)?([^:]+)$/u.exec(body);
  if (!parts) return undefined;
  const [, first, second, last = ''] = parts;
  const target = range(last);
  if (!target) return undefined;
  // With two parts the first one is the published port.
  const [address, publishedText] = second === undefined ? ['', first ?? ''] : [first ?? '', second];
  const published = range(publishedText);
  if (publishedText !== '' && !published) return undefined;
  return { hostAddress: address.replace(/^\[|\]$/gu, ''), published, target, protocol };
}

function range(text: string): { from: number; to: number } | undefined {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/u.exec(text.trim()) ?? [];
  if (from === undefined) return undefined;
  const found = { from: Number(from), to: Number(to) };
  return found.to >= found.from && found.to <= 65_535 ? found : undefined;
}
