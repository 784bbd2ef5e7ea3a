import { describe, expect, test } from 'vitest';
import {
  hostAccessOf,
  hostNameOf,
  namesOfTheHost,
  networkModeOf,
  reachesLoopback,
} from '../../src/runtimes/knowledge/index.ts';
import { isOlder } from '../../src/runtimes/knowledge/access-of.ts';
import { hostAccessTable } from '../../src/runtimes/knowledge/table.ts';

const of = (change: Partial<Parameters<typeof hostAccessOf>[0]>) =>
  hostAccessOf({ runtime: 'docker', product: 'docker-engine', networkMode: 'bridge', ...change });
const podman = { runtime: 'podman', product: 'podman' } as const;

describe('what is known of runtimes', () => {
  test.each([
    [{}, 'docker-engine'],
    [{ rootless: true }, 'docker-rootless'],
    [{ product: 'orbstack' }, 'orbstack'],
    [podman, 'podman-bridge'],
    [{ ...podman, rootless: true, networkMode: 'pasta' }, 'podman-pasta'],
    [{ ...podman, rootless: true, networkMode: 'slirp4netns' }, 'podman-slirp4netns'],
    [{ ...podman, rootless: true, networkMode: 'bridge' }, 'podman-rootless-bridge'],
    [{ ...podman, rootless: true, networkMode: '', engineVersion: '4.9.3' }, 'podman-slirp4netns'],
    [{ ...podman, rootless: true, networkMode: '', engineVersion: '5.4.2' }, 'podman-pasta'],
    [
      { ...podman, rootless: true, networkMode: 'container:1', joined: { name: 'x', networkMode: 'pasta' } },
      'podman-pasta',
    ],
    [{ product: 'podman-machine' }, 'podman-machine'],
    [{ product: 'remote' }, undefined],
    [{ product: 'unknown' }, undefined],
  ] as const)('%j is %s', (place, id) => {
    expect(of(place)?.id).toBe(id);
  });

  test('every row says where it is from, and has a name for the host', () => {
    for (const [id, row] of Object.entries(hostAccessTable)) {
      expect(row.id).toBe(id);
      expect(row.sources.length).toBeGreaterThan(0);
      expect(row.names.length).toBeGreaterThan(0);
      // What may be allowed is told how.
      expect(row.allowLoopback !== undefined).toBe(row.loopback === 'when-allowed');
    }
  });

  test('products with a VM reach loopback, engines on this kernel do not', () => {
    const reach = Object.values(hostAccessTable).filter((row) => row.loopback === 'reached');
    expect(reach.map((row) => row.id)).toEqual([
      'docker-desktop',
      'orbstack',
      'colima',
      'lima',
      'rancher-desktop',
      'podman-machine',
    ]);
    expect(reachesLoopback({ ...podman, networkMode: 'bridge' })).toBe(false);
  });

  test('names', () => {
    expect(hostNameOf({ ...podman, networkMode: 'pasta' })).toMatchObject({
      name: 'host.containers.internal',
      byDefault: true,
    });
    expect(hostNameOf({ runtime: 'docker', product: 'unknown', networkMode: '' }).name).toBe(
      'host.docker.internal',
    );
    expect(namesOfTheHost.has('gateway.docker.internal')).toBe(true);
    expect(namesOfTheHost.has('ollama')).toBe(false);
    expect(networkModeOf({ networkMode: 'host' })).toBe('host');
  });

  test.each([
    ['4.9.3', '5.0', true],
    ['5.0.0', '5.0', false],
    ['5.4.2', '5.3', false],
    ['26.1.5+dfsg1', '28', true],
    [undefined, '5.0', false],
    ['', '5.0', false],
    ['garbage', '5.0', false],
  ])('%s older than %s: %s', (version, than, older) => {
    expect(isOlder(version, than)).toBe(older);
  });
});
