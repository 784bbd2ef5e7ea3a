import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/machine/simulated.ts';
import { findUnpinned, listSubnets } from '../../src/runtimes/index.ts';
import { container, seen } from '../checks/host-of-values.ts';

const file = '/srv/app/compose.yaml';
const of = container({ compose: { project: 'app', service: 'web', configFiles: [file] } });

describe('a network of a compose project', () => {
  it.each([
    ['names no subnet', 'services: {}\n', ['app_default']],
    ['pins it', 'networks:\n  default:\n    ipam:\n      config:\n        - subnet: 172.18.0.0/16\n', []],
    [
      'takes it from a variable',
      'networks:\n  default:\n    ipam:\n      config:\n        - subnet: ${NET}\n',
      [],
    ],
    ['includes another file', 'include:\n  - other.yaml\n', []],
  ])('may get another subnet where the file %s: %j', async (_what, text, names) => {
    const found = await findUnpinned(simulate({ files: { [file]: text } }), [of]);
    expect(found.map(({ name }) => name)).toEqual(names);
  });

  it('is left out where the file cannot be read', async () => {
    expect(await findUnpinned(simulate({}), [of])).toEqual([]);
  });
});

describe('subnets of every network here', () => {
  const inventory = seen({
    containers: [],
    defaultNetworks: [],
    networks: [
      { name: 'a', id: '', driver: 'bridge', internal: false, subnets: [{ subnet: '172.18.0.0/16' }] },
    ],
    withoutNetworks: [] as string[],
  });
  const docker = {
    runtime: 'docker',
    endpoint: 'unix:///var/run/docker.sock',
    foundBy: 'default socket',
    state: { state: 'unreachable', detail: 'docker.service is not running' },
  } as const;

  it("are the engines' own, and those in Podman's files", async () => {
    const machine = simulate({
      files: {
        '/etc/containers/networks/lab.json': '{"name": "lab", "subnets": [{"subnet": "10.89.0.0/24"}]}',
      },
    });
    expect(await listSubnets(machine, [], inventory)).toMatchObject({
      state: 'seen',
      value: ['172.18.0.0/16', '10.89.0.0/24', '10.88.0.0/16'],
    });
  });

  it('are not known where a Docker does not run, or one did not list its networks', async () => {
    expect(await listSubnets(simulate({}), [docker], inventory)).toMatchObject({ state: 'unavailable' });
    const silent = seen({
      ...inventory,
      ...('value' in inventory ? inventory.value : {}),
      withoutNetworks: ['x'],
    });
    expect(await listSubnets(simulate({}), [], silent as never)).toMatchObject({ state: 'unavailable' });
  });
});
