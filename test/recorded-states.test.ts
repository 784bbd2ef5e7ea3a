import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../src/diagnosis/diagnose.ts';
import { defaultOptions } from '../src/diagnosis/options.ts';
import { openReplay } from '../src/machine/replay.ts';

const folder = new URL('../fixtures/recorded-states/', import.meta.url);
const only = ['ollama-service', 'bind-address', 'port-owner'];

/** Each recording of test/lab/starters.lab.ts and service-down.lab.ts, with the check and what it says; undefined codes are those that passed. */
const states: Record<string, [check: string, code: string | undefined, says: RegExp]> = {
  'starter-systemd-user': ['ollama-service', undefined, /started by dora's own systemd, starts at boot$/u],
  'starter-tmux': ['ollama-service', undefined, /as dora, started by hand, in tmux/u],
  'starter-screen': ['ollama-service', undefined, /as root, started by hand, in screen/u],
  'starter-nohup': ['ollama-service', undefined, /as root, started by hand, with nohup/u],
  'starter-runit': ['ollama-service', undefined, /started by runit$/u],
  'starter-openrc': ['ollama-service', undefined, /started by OpenRC$/u],
  'starter-quadlet': [
    'ollama-service',
    undefined,
    /started by systemd, from a Podman quadlet, starts at boot$/u,
  ],
  'package-arch': ['bind-address', 'bind-loopback', /^Ollama listens on loopback only/u],
  'package-opensuse': ['bind-address', 'bind-loopback', /^Ollama listens on loopback only/u],
  'package-copr': ['ollama-service', undefined, /^ollamad\.service is running/u],
  'down-quadlet': ['ollama-service', 'not-running', /from a Podman quadlet\) is stopped/u],
  'down-runit': ['ollama-service', 'not-running', /^ollama \(runit\) is stopped/u],
  'down-stopped': ['ollama-service', 'not-running', /is stopped, and not set to start at boot/u],
  'down-masked': ['ollama-service', 'not-running', /is masked/u],
  'down-bad-origins': ['ollama-service', 'crash-loop', /has "192\.168\.1\.5", which ends it at once/u],
  'down-models': ['ollama-service', 'crash-loop', /may not write to the models folder \/srv\/models/u],
  'down-home': ['ollama-service', 'crash-loop', /may not write to \/var\/lib\/nowhere/u],
  'down-address': ['ollama-service', 'crash-loop', /no address of this host now/u],
  'down-binary': ['ollama-service', 'crash-loop', /\/usr\/local\/bin\/olama is not there/u],
  'down-user': ['ollama-service', 'crash-loop', /the user that it should run as is not there/u],
  'down-low-port': ['ollama-service', 'crash-loop', /means port 80/u],
  'down-port-443': ['ollama-service', 'crash-loop', /may not listen on port 443/u],
  'down-killed': ['ollama-service', 'crash-loop', /kills it \(SIGKILL\); most often that is the kernel/u],
  'down-memory': ['ollama-service', 'crash-loop', /asked for memory and got none/u],
  'down-library': ['ollama-service', 'crash-loop', /the library libnowhere\.so is missing/u],
  'down-port-taken': ['ollama-service', 'port-conflict', /its port 11434 is taken by python3/u],
  'down-port-free-again': ['ollama-service', 'not-running', /nothing stands in its way any more/u],
  'down-kept-out': ['port-owner', 'port-conflict', /an Ollama of root's, started by hand, with nohup/u],
  'told-ignored': ['ollama-service', 'config-ignored', /Invalid environment assignment, ignoring: “/u],
  'told-overridden': ['ollama-service', 'config-overridden', /loses to \/etc\/sysconfig\/ollama:1/u],
  'told-not-reloaded': ['ollama-service', 'config-ignored', /neither reloaded nor restarted/u],
  'told-not-restarted': ['ollama-service', 'config-ignored', /it was not restarted since/u],
};

describe('states of Ollama that were recorded on real hosts', () => {
  test.each(Object.entries(states))('%s', async (name, [check, code, says]) => {
    const machine = await openReplay(fileURLToPath(new URL(`${name}.json`, folder)));
    const { report } = await diagnose(machine, { ...defaultOptions, only });
    const row = report.checks.find((one) => one.id === check && one.code === code);
    expect(row?.summary).toMatch(says);
    expect(row?.status).toBe(code === undefined ? 'pass' : 'fail');
    const withoutTime = ({ checks }: typeof report): unknown =>
      checks.map((one) => ({ ...one, durationMs: 0 }));
    const again = await diagnose(await openReplay(fileURLToPath(new URL(`${name}.json`, folder))), {
      ...defaultOptions,
      only,
    });
    expect(withoutTime(again.report)).toEqual(withoutTime(report));
  });

  test.each([
    ['down-address', ['crash-loop']],
    ['down-port-taken', ['port-conflict', 'not-ollama']],
  ])('%s has no cause that follows from another, and none that is not so', async (name, causes) => {
    const machine = await openReplay(fileURLToPath(new URL(`${name}.json`, folder)));
    const { report } = await diagnose(machine, defaultOptions);
    expect(report.causes.map((cause) => cause.code)).toEqual(causes);
  });

  test('every recording has its line here', async () => {
    expect((await readdir(folder)).toSorted()).toEqual(
      Object.keys(states)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });
});
