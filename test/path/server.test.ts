import { expect, it } from 'vitest';
import { locateServer } from '../../src/path/server.ts';
import { seen, service, wildcard } from '../checks/host-of-values.ts';

it('takes the listener of the service itself, of several servers, when it let the kernel choose a port', () => {
  const own = service({ configuredHost: '0.0.0.0:0' });
  const listeners = seen({
    listeners: [
      { ...wildcard, port: 11_500, process: { pid: 2576, name: 'ollama' } },
      { ...wildcard, port: 40_001, process: { pid: 812, name: 'ollama' } },
    ],
    ownersKnown: true,
  });
  expect(locateServer(seen([own]), listeners, undefined, undefined)).toMatchObject({ port: 40_001 });
  expect(locateServer(seen([]), listeners, undefined, undefined)).toMatchObject({ port: 11_500 });
});
