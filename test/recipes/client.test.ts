import { describe, expect, it } from 'vitest';
import type { Container, OllamaClient } from '../../src/facts/containers.ts';
import { simulate, type SimulationScript } from '../../src/machine/simulated.ts';
import { planFixes } from '../../src/recipes/index.ts';
import type { Cause } from '../../src/report/schema.ts';
import { client, container, factsOf, failed, seen } from '../checks/host-of-values.ts';

const text =
  'services:\n  agent:\n    image: x\n    environment:\n      - STIGMER_LLM_BASE_URL=http://localhost:11434 # copied\n';

function agent(change: Partial<Container> = {}): Container {
  return container({
    name: 'app-agent-1',
    env: { STIGMER_LLM_BASE_URL: 'http://localhost:11434' },
    extraHosts: [],
    compose: { project: 'app', service: 'agent', configFiles: ['/srv/compose.yaml'] },
    ...change,
  });
}

async function planned(
  own: Container,
  value: string,
  code: string,
  script: SimulationScript = {},
  recreate = false,
) {
  const one: OllamaClient = {
    ...client(value, own),
    setting: { name: 'STIGMER_LLM_BASE_URL', value },
  };
  const facts = factsOf({
    containers: seen([own]),
    clients: [one],
    answer: failed('refused'),
    options: recreate ? { recreate } : {},
  });
  const machine = simulate({ files: { '/srv/compose.yaml': text }, ...script });
  const cause: Cause = { code, subject: one.subject, summary: 'it fails', affects: [], recipe: null };
  return planFixes({ facts, machine }, [cause]);
}

describe('the recipes for clients', () => {
  it('edit the compose file that made the container, and say what to type', async () => {
    const { plans, refusals } = await planned(agent(), 'http://localhost:11434', 'url-localhost');
    expect(refusals).toEqual([]);
    expect(plans).toHaveLength(1);
    const [plan] = plans;
    expect(plan).toMatchObject({ recipe: 'set-client-url', cures: ['url-localhost@container:app-agent-1'] });
    expect(plan?.changes).toMatchObject([
      {
        kind: 'file',
        path: '/srv/compose.yaml',
        after:
          'services:\n  agent:\n    image: x\n    extra_hosts:\n      - "host.docker.internal:host-gateway"\n    environment:\n      - STIGMER_LLM_BASE_URL=http://host.docker.internal:11434 # copied\n',
        thenRun: [],
      },
    ]);
    expect(plan?.later).toEqual([
      ['docker', 'compose', '-p', 'app', '-f', '/srv/compose.yaml', 'up', '-d', 'agent'],
    ]);
    expect(plan?.notes.join(' ')).toContain('cannot be proved before the other causes are mended');
  });

  it('make it again only with --recreate', async () => {
    const { plans } = await planned(agent(), 'http://localhost:11434', 'url-localhost', {}, true);
    expect(plans[0]?.later).toBeUndefined();
    expect(plans[0]?.changes.at(-1)).toMatchObject({
      kind: 'command',
      apply: ['docker', 'compose', '-p', 'app', '-f', '/srv/compose.yaml', 'up', '-d', 'agent'],
    });
  });

  it('write no address twice into a list of addresses', async () => {
    const name = 'OLLAMA_BASE_URLS';
    const values = ['http://localhost:11434', 'http://127.0.0.1:11434'];
    const own = agent({ env: { [name]: values.join(';') } });
    const clients = values.map(
      (value): OllamaClient => ({ ...client(value, own), setting: { name, value } }),
    );
    const facts = factsOf({ containers: seen([own]), clients, answer: failed('refused') });
    const file = `services:\n  agent:\n    image: x\n    environment:\n      - ${name}=${values.join(';')}\n`;
    const machine = simulate({ files: { '/srv/compose.yaml': file } });
    const { subject } = clients[0] as OllamaClient;
    const cause: Cause = { code: 'url-localhost', subject, summary: '', affects: [], recipe: null };
    const { plans, refusals } = await planFixes({ facts, machine }, [cause]);
    expect(JSON.stringify(plans[0]?.changes)).toContain(
      `${name}=http://host.docker.internal:11434;http://127.0.0.1:11434`,
    );
    expect(refusals[0]?.instructions).toEqual([
      `take http://127.0.0.1:11434 out of ${name}, unless another server is meant`,
    ]);
  });

  it('give the name of the host by one line', async () => {
    const named = text.replace('localhost', 'host.docker.internal');
    const own = agent({ env: { STIGMER_LLM_BASE_URL: 'http://host.docker.internal:11434' } });
    const script = { files: { '/srv/compose.yaml': named } };
    const { plans } = await planned(own, 'http://host.docker.internal:11434', 'dns-missing', script);
    expect(plans).toMatchObject([{ recipe: 'add-host-gateway' }]);
    const rancher = await planned(
      { ...own, product: 'rancher-desktop' },
      'http://host.docker.internal:11434',
      'dns-missing',
      script,
    );
    expect(rancher.plans).toEqual([]);
  });

  it('refuse where the file says something else by now, and say that the container is older', async () => {
    const script = { files: { '/srv/compose.yaml': text.replace('localhost', 'ollama') } };
    const { plans, refusals } = await planned(agent(), 'http://localhost:11434', 'url-localhost', script);
    expect(plans).toEqual([]);
    expect(refusals).toMatchObject([
      {
        reason: expect.stringContaining('another STIGMER_LLM_BASE_URL in its file by now'),
        instructions: ['docker compose up -d agent'],
      },
    ]);
  });

  it.each([
    ['a file that is gone', {}, 'there is no compose file /srv/compose.yaml'],
    ['a file that is broken', { '/srv/compose.yaml': 'services: [' }, '/srv/compose.yaml:1:'],
  ])('refuse %s', async (_, files, reason) => {
    const { plans, refusals } = await planned(agent(), 'http://localhost:11434', 'url-localhost', { files });
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(reason);
  });

  it('leave a container of no compose file to whoever starts it', async () => {
    const own = agent();
    delete own.compose;
    const { plans, refusals } = await planned(own, 'http://localhost:11434', 'url-localhost');
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toBe('app-agent-1 was made by no compose file');
    expect(refusals[0]?.instructions[0]).toContain(
      'where another program, a script or a unit starts app-agent-1',
    );
  });
});
