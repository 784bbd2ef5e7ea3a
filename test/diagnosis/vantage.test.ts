import { expect, it } from 'vitest';
import { vantageOf } from '../../src/diagnosis/vantage.ts';
import { absent, container, seen } from '../checks/host-of-values.ts';

it('a place in a container is called by its name, and by its engine too where another has one of that name', () => {
  const web = container();
  const twin = container({ id: 'beef', runtime: 'podman', endpoint: 'unix:///run/podman/podman.sock' });
  expect(vantageOf(web, absent)).toBe('container:web');
  expect(vantageOf(web, seen([web, container({ id: 'cafe', name: 'db' })]))).toBe('container:web');
  expect(vantageOf(web, seen([web, twin]))).toBe('container:web at unix:///var/run/docker.sock');
  expect(vantageOf(twin, seen([web, twin]))).toBe('container:web at unix:///run/podman/podman.sock');
});
