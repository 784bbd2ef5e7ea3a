import type { Span } from '../source.ts';
import type { MapEntry, MapTree, Tree } from '../yaml/tree.ts';
import type { ExtraHost, Setting, Written } from './model.ts';
import type { ServicePart } from './part.ts';
import { readPorts } from './read-ports.ts';
import {
  isNothing,
  isTrue,
  listAt,
  mapAt,
  scalarAt,
  scalarsAt,
  type Scope,
  written,
  writtenText,
  wrong,
} from './scope.ts';

/**
 * What one file says of one service. Takes short and long syntax alike; keys that the doctor has no use for are left
 * alone, whatever they hold.
 *
 * @throws ComposeProblem for a value of the wrong kind
 */
export function readService(name: string, { value: tree, key }: MapEntry, scope: Scope): ServicePart {
  if (isNothing(tree)) return { tree, key, cleared: new Set() };
  if (tree.kind !== 'map') throw wrong(tree, `service ${name} must be a map`);
  const at = (field: string): Tree | undefined => {
    const value = tree.entries.get(field)?.value;
    return value?.tag === '!reset' ? undefined : value;
  };
  const text = (field: string): Written | undefined => {
    const scalar = scalarAt(at(field), field);
    return scalar && written(scalar, scope);
  };
  const image = text('image')?.value;
  const containerName = text('container_name')?.value;
  const networkMode = text('network_mode');
  const environment = at('environment');
  const hosts = at('extra_hosts');
  const ports = at('ports');
  const depends = at('depends_on');
  const networks = at('networks');
  const healthcheck = readHealthcheck(tree, scope);
  const command = at('command');
  const entrypoint = at('entrypoint');
  return {
    tree,
    key,
    cleared: clearedKeys(tree),
    ...(image === undefined ? {} : { image }),
    ...(at('build') === undefined ? {} : { builds: true }),
    ...(containerName === undefined ? {} : { containerName }),
    ...(at('profiles')
      ? { profiles: scalarsAt(at('profiles'), 'profiles').map((one) => written(one, scope).value) }
      : {}),
    ...(networkMode ? { networkMode } : {}),
    ...(networks && !isNothing(networks) ? { networks: readNetworks(networks, scope) } : {}),
    ...(environment && !isNothing(environment) ? { environment: readEnvironment(environment, scope) } : {}),
    ...(hosts ? { extraHosts: readExtraHosts(hosts, scope) } : {}),
    ...(ports ? { ports: readPorts(ports, scope) } : {}),
    ...(depends ? { dependsOn: readDependsOn(depends, scope) } : {}),
    ...(at('links') ? { links: readLinks(at('links'), scope) } : {}),
    ...(healthcheck ? { healthcheck } : {}),
    ...(command ? { command: readWords(command, 'command', scope) } : {}),
    ...(entrypoint ? { entrypoint: readWords(entrypoint, 'entrypoint', scope) } : {}),
  };
}

function clearedKeys(tree: MapTree): Set<string> {
  const cleared = [...tree.entries].filter(
    ([, { value }]) => value.tag === '!reset' || value.tag === '!override',
  );
  return new Set(cleared.map(([key]) => key));
}

/** `NAME: value` and `- NAME=value`; without a value it is taken from outside. */
function readEnvironment(tree: Tree, scope: Scope): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  const add = (name: string, raw: string | undefined, at: Span): void => {
    const setting =
      raw === undefined
        ? { value: scope.lookup(name) ?? '', raw: '', at, variables: [], inherited: true }
        : { ...writtenText(raw, at, scope), inherited: false };
    settings.set(name, { name, ...setting, from: 'environment' });
  };
  if (tree.kind === 'map') {
    for (const [name, { value }] of tree.entries) {
      if (value.kind !== 'scalar') throw wrong(value, `environment ${name} must be a text`);
      add(name, value.isNull ? undefined : value.text, value.at);
    }
    return settings;
  }
  for (const item of scalarsAt(tree, 'environment')) {
    const cut = item.text.indexOf('=');
    if (cut === -1) add(item.text.trim(), undefined, item.at);
    else
      add(
        written({ ...item, text: item.text.slice(0, cut) }, scope).value,
        item.text.slice(cut + 1),
        item.at,
      );
  }
  return settings;
}

/** `name:address`, `name=address` (IPv6 with brackets or without), or a map; an address may be a list. */
function readExtraHosts(tree: Tree, scope: Scope): ExtraHost[] {
  if (tree.kind === 'map') {
    return [...tree.entries].flatMap(([name, { value }]) =>
      scalarsAt(value, 'extra_hosts').map((one) => ({
        name,
        address: withoutBrackets(written(one, scope).value),
        at: one.at,
      })),
    );
  }
  return scalarsAt(tree, 'extra_hosts').flatMap((item) => {
    const { value } = written(item, scope);
    const [, name, address = ''] = /^([^=:\s]+)\s*[=:]\s*(.*)$/su.exec(value) ?? [];
    return name === undefined ? [] : [{ name, address: withoutBrackets(address), at: item.at }];
  });
}

/** IPv6 addresses may stand in brackets. */
function withoutBrackets(address: string): string {
  return address.replace(/^\[(.*)\]$/u, '$1');
}

function readNetworks(tree: Tree, scope: Scope): Map<string, { aliases: string[]; at: Span }> {
  if (tree.kind === 'map') {
    return new Map(
      [...tree.entries].map(([name, { value, key }]) => {
        const aliases = scalarsAt(mapAt(value, `network ${name}`)?.entries.get('aliases')?.value, 'aliases');
        return [name, { aliases: aliases.map((alias) => written(alias, scope).value), at: key }];
      }),
    );
  }
  return new Map(
    scalarsAt(tree, 'networks').map((item) => [written(item, scope).value, { aliases: [], at: item.at }]),
  );
}

function readDependsOn(
  tree: Tree,
  scope: Scope,
): Map<string, { condition: string; required: boolean; at: Span }> {
  if (tree.kind === 'map') {
    return new Map(
      [...tree.entries].map(([name, { value, key }]) => {
        const entries = mapAt(value, `depends_on ${name}`)?.entries;
        const condition = scalarAt(entries?.get('condition')?.value, 'condition');
        const required = entries?.get('required')?.value;
        return [
          name,
          {
            condition: condition ? written(condition, scope).value : 'service_started',
            required: required === undefined || isTrue(required, scope),
            at: key,
          },
        ];
      }),
    );
  }
  return new Map(
    scalarsAt(tree, 'depends_on').map((item) => [
      written(item, scope).value,
      { condition: 'service_started', required: true, at: item.at },
    ]),
  );
}

function readLinks(tree: Tree | undefined, scope: Scope): { service: string; alias: string }[] {
  return scalarsAt(tree, 'links').map((item) => {
    const [service = '', alias = service] = written(item, scope).value.split(':');
    return { service, alias };
  });
}

function readHealthcheck(tree: MapTree, scope: Scope): ServicePart['healthcheck'] {
  const entry = tree.entries.get('healthcheck');
  const map = mapAt(entry?.value, 'healthcheck');
  if (!entry || !map) return undefined;
  const test = map.entries.get('test')?.value;
  const words = test ? readWords(test, 'test', scope).map((word) => word.value) : [];
  return {
    disabled: isTrue(map.entries.get('disable')?.value, scope) || words[0] === 'NONE',
    test: words,
    at: test?.at ?? entry.key,
  };
}

/** A command as a list of words, or as one text that a shell would take apart. */
function readWords(tree: Tree, what: string, scope: Scope): Written[] {
  if (tree.kind === 'scalar' && !tree.isNull) {
    const whole = written(tree, scope);
    const words = whole.value.match(/"[^"]*"|'[^']*'|[^\s"']+/gu) ?? [];
    return words.map((word) => ({ ...whole, value: word.replace(/^(["'])(.*)\1$/su, '$2') }));
  }
  return listAt(tree, what).flatMap((item) => (item.kind === 'scalar' ? [written(item, scope)] : []));
}
