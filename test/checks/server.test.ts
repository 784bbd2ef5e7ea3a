import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import { serviceEvidence } from '../../src/facts/service.ts';
import {
  absent,
  client,
  container,
  failed,
  type HostOfValues,
  loopback,
  ollama,
  rowsOf,
  rules,
  seen,
  service,
  unavailable,
  wildcard,
} from './host-of-values.ts';

const on = (rows: Row[], id: string): Row[] => rows.filter((row) => row.id === id);
const only = (rows: Row[], id: string): Row | undefined => on(rows, id)[0];
const stopped: Partial<HostOfValues> = {
  services: seen([service({ state: 'stopped', pid: undefined as never })]),
  listeners: seen({ listeners: [], ownersKnown: true }),
  hostAnswer: failed('refused'),
  answer: failed('refused'),
};

describe('ollama-service', () => {
  it('names a stopped service and its mend', async () => {
    const rows = await rowsOf(stopped);
    expect(only(rows, 'ollama-service')).toMatchObject({
      status: 'fail',
      code: 'not-running',
      recipe: 'start-service',
    });
    expect(only(rows, 'container-reach')).toMatchObject({
      code: 'reach-refused',
      explainedBy: 'not-running',
    });
    expect(only(rows, 'ollama-api')).toMatchObject({ status: 'blocked', blockedBy: 'ollama-service@host' });
  });

  it('is quiet about a stopped service where Ollama answers by other means', async () => {
    const rows = await rowsOf({ services: stopped.services! });
    expect(only(rows, 'ollama-service')?.status).toBe('pass');
  });

  it('has no word against a stopped service that nobody asks, as all use an Ollama in a container', async () => {
    const server = container({ name: 'ollama', id: 'beefbeefbeef', servesOllama: true });
    const [network] = server.networks;
    const rows = await rowsOf({
      services: stopped.services!,
      listeners: stopped.listeners!,
      hostAnswer: failed('refused'),
      containers: seen([container(), { ...server, networks: [{ ...network!, address: '172.18.0.3' }] }]),
      clients: [client('http://ollama:11434')],
      resolved: { outcome: 'resolved', addresses: ['172.18.0.3'] },
    });
    expect(rows.filter((row) => row.status !== 'pass' && row.status !== 'not-applicable')).toEqual([]);
  });

  it('does not offer to start what somebody masked', async () => {
    const rows = await rowsOf({
      ...stopped,
      services: seen([service({ state: 'stopped', startsAtBoot: 'masked' })]),
    });
    expect(only(rows, 'ollama-service')).toMatchObject({ code: 'not-running' });
    expect(only(rows, 'ollama-service')?.recipe).toBeUndefined();
  });

  it('tells a crash loop from a stopped service, with the line of the journal', async () => {
    const line = 'panic: bad origin: origins must contain *';
    const rows = await rowsOf({
      ...stopped,
      services: seen([service({ state: 'crash-loop', failure: { kind: 'bad-origins', line } })]),
    });
    expect(only(rows, 'ollama-service')).toMatchObject({
      code: 'crash-loop',
      evidence: expect.arrayContaining([expect.objectContaining({ text: line })]),
    });
  });

  it('names a crash loop over a taken port by the port', async () => {
    const line = 'Error: listen tcp 127.0.0.1:11434: bind: address already in use';
    const rows = await rowsOf({
      ...stopped,
      services: seen([service({ state: 'crash-loop', failure: { kind: 'port-in-use', line } })]),
    });
    expect(only(rows, 'ollama-service')?.code).toBe('port-conflict');
  });

  it('says "not-installed" only when nothing answers at all', async () => {
    const nothing = { ...stopped, services: absent };
    expect(only(await rowsOf(nothing), 'ollama-service')?.code).toBe('not-installed');
    const byHand = await rowsOf({ services: absent });
    expect(only(byHand, 'ollama-service')?.status).toBe('pass');
    const page = await rowsOf({ ...nothing, hostAnswer: { kind: 'not-ollama', what: 'a web page' } });
    expect(only(page, 'ollama-service')?.status).toBe('not-applicable');
  });

  it('says "not-running" of a program that is installed and that nothing starts', async () => {
    const installed = {
      state: 'absent' as const,
      evidence: [{ source: serviceEvidence.program, text: '/usr/bin/ollama' }],
    };
    const rows = await rowsOf({ ...stopped, services: installed });
    expect(only(rows, 'ollama-service')).toMatchObject({
      code: 'not-running',
      instructions: ['start it: ollama serve'],
    });
  });

  it('could not look without systemd, and says no more than that', async () => {
    const rows = await rowsOf({ services: unavailable('systemd is not running here') });
    expect(only(rows, 'ollama-service')).toMatchObject({ status: 'inconclusive', matters: false });
  });

  const losing = (status: 'overridden' | 'ignored', value: string) => ({
    variable: 'OLLAMA_HOST',
    value,
    file: '/etc/systemd/system/ollama.service',
    line: 12,
    text: `Environment=“OLLAMA_HOST=${value}”`,
    kind: 'environment' as const,
    status,
    because: 'typographic quotes',
  });
  const onLoopback = {
    listeners: seen({ listeners: [loopback], ownersKnown: true }),
    answer: failed('refused'),
    rulesets: rules(),
  };

  it.each([
    ['ignored', 'config-ignored'],
    ['overridden', 'config-overridden'],
  ] as const)(
    'names a line that is %s while what it asked for would have let the container in',
    async (status, code) => {
      const rows = await rowsOf({
        ...onLoopback,
        services: seen([
          service({
            settings: [losing(status, '0.0.0.0:11434')],
            processHost: { source: 'x' },
            configuredHost: undefined as never,
          }),
        ]),
      });
      expect(on(rows, 'ollama-service').map((row) => row.code)).toContain(code);
      expect(on(rows, 'ollama-service').find((row) => row.code === code)).toMatchObject({ status: 'fail' });
      expect(only(rows, 'bind-address')?.code).toBe('bind-loopback');
    },
  );

  it('is quiet about a line that loses where what it asked for would help nobody', async () => {
    const settings = [losing('overridden', 'http://0.0.0.0')];
    const elsewhere = service({ settings, processHost: { value: '0.0.0.0:11435', source: 'x' } });
    const kept = await rowsOf({
      services: seen([elsewhere]),
      listeners: seen({ listeners: [{ ...wildcard, port: 11_435 }], ownersKnown: true }),
      answer: failed('refused'),
    });
    expect(on(kept, 'ollama-service').map((row) => row.code)).not.toContain('config-overridden');
    expect(on(kept, 'bind-address').map((row) => row.code)).toContain('bind-wrong-port');
    const mended = await rowsOf({
      services: seen([service({ settings, processHost: { value: '0.0.0.0:11434', source: 'x' } })]),
    });
    expect(on(mended, 'ollama-service').map((row) => row.status)).toEqual(['pass']);
  });

  it('is quiet about a unit line that a drop-in of the doctor overrides', async () => {
    const rows = await rowsOf({
      services: seen([service({ settings: [losing('overridden', '127.0.0.1:11434')] })]),
    });
    expect(on(rows, 'ollama-service').map((row) => row.status)).toEqual(['pass']);
  });
});

describe('bind-address', () => {
  const onLoopback = {
    services: seen([service({ processHost: { value: '127.0.0.1:11434', source: 'x' } })]),
    listeners: seen({ listeners: [loopback], ownersKnown: true }),
  };

  it('names a loopback bind that a container suffers from, and the line that says so', async () => {
    const text = 'Environment="OLLAMA_HOST=127.0.0.1:11434"';
    const rows = await rowsOf({
      ...onLoopback,
      services: seen([
        service({
          processHost: { value: '127.0.0.1:11434', source: 'x' },
          settings: [
            {
              variable: 'OLLAMA_HOST',
              value: '127.0.0.1:11434',
              file: '/etc/systemd/system/ollama.service',
              line: 9,
              text,
              kind: 'environment',
              status: 'in-force',
            },
          ],
        }),
      ]),
      rulesets: rules(),
      answer: failed('refused'),
    });
    expect(only(rows, 'bind-address')).toMatchObject({
      status: 'fail',
      code: 'bind-loopback',
      recipe: 'bind-all-interfaces',
      affects: ['container:web'],
      evidence: expect.arrayContaining([{ source: '/etc/systemd/system/ollama.service:9', text }]),
    });
    expect(only(rows, 'container-reach')).toMatchObject({ explainedBy: 'bind-loopback' });
  });

  it('is quiet about a loopback bind that the container reaches all the same', async () => {
    const rows = await rowsOf(onLoopback);
    expect(only(rows, 'bind-address')?.status).toBe('pass');
  });

  it('is quiet about a loopback bind on Docker Desktop, whose proxy reaches it', async () => {
    const desktop = container({ product: 'docker-desktop' });
    const rows = await rowsOf({
      ...onLoopback,
      clients: [client('http://host.docker.internal:11434', desktop)],
      resolved: { outcome: 'resolved', addresses: ['192.168.65.254'] },
      answer: failed('timeout'),
    });
    expect(only(rows, 'bind-address')?.status).toBe('pass');
  });

  it('only warns where no container uses Ollama', async () => {
    const rows = await rowsOf({
      ...onLoopback,
      clients: [
        {
          subject: 'container:any',
          container: container({ name: 'any' }),
          hypothetical: true,
          askedFor: false,
        },
      ],
      answer: failed('refused'),
    });
    expect(only(rows, 'bind-address')).toMatchObject({ status: 'warn', code: 'bind-loopback' });
    expect(rows.filter((row) => row.status === 'fail')).toEqual([]);
  });

  it('sees it coming while Ollama is stopped', async () => {
    const rows = await rowsOf({
      ...stopped,
      services: seen([
        service({ state: 'stopped', processHost: undefined as never, configuredHost: '127.0.0.1:11434' }),
      ]),
    });
    expect(only(rows, 'bind-address')).toMatchObject({ status: 'fail', code: 'bind-loopback' });
    expect(only(rows, 'bind-address')?.summary).toBe(
      'Ollama does not run, and is set to listen on loopback only (port 11434): containers come in over a bridge and will be refused when it does',
    );
  });

  it('does not warn of the loopback of one that does not run, where no container asks', async () => {
    const rows = await rowsOf({
      ...stopped,
      services: seen([
        service({ state: 'crash-loop', processHost: undefined as never, configuredHost: '127.0.0.1:11434' }),
      ]),
      clients: [{ ...client(), subject: 'container:(any)', hypothetical: true }],
    });
    expect(only(rows, 'bind-address')?.status).toBe('not-applicable');
  });

  it('counts a wildcard that shows only in the IPv6 table as all interfaces', async () => {
    const rows = await rowsOf({ listeners: seen({ listeners: [wildcard], ownersKnown: false }) });
    expect(only(rows, 'bind-address')?.summary).toContain('all interfaces');
  });

  it('names a bind to an address that containers do not ask', async () => {
    const elsewhere = { ...loopback, address: '192.168.1.10' };
    const change = { listeners: seen({ listeners: [elsewhere], ownersKnown: true }), rulesets: rules() };
    const rows = await rowsOf({ ...change, answer: failed('refused') });
    expect(only(rows, 'bind-address')).toMatchObject({ status: 'fail', code: 'bind-unreachable-address' });
    expect(only(await rowsOf(change), 'bind-address')?.status).toBe('pass');
  });

  it('names the port when Ollama is on another one than the standard that clients ask', async () => {
    const rows = await rowsOf({
      services: seen([service({ processHost: { value: '0.0.0.0:11500', source: 'x' } })]),
      listeners: seen({ listeners: [{ ...wildcard, port: 11_500 }], ownersKnown: true }),
      rulesets: rules(),
      answer: failed('refused'),
    });
    expect(on(rows, 'bind-address').map((row) => row.code)).toContain('bind-wrong-port');
    expect(only(rows, 'client-url')?.code).toBeUndefined();
  });
});

describe('port-owner, ollama-api and models', () => {
  it('names what holds the port that an Ollama service wants', async () => {
    const rows = await rowsOf({
      ...stopped,
      services: seen([service({ state: 'failed' })]),
      listeners: seen({
        listeners: [{ ...wildcard, process: { pid: 99, name: 'nginx' } }],
        ownersKnown: true,
      }),
      hostAnswer: { kind: 'not-ollama', what: 'a web page' },
    });
    expect(only(rows, 'port-owner')).toMatchObject({ code: 'port-conflict' });
    expect(only(rows, 'port-owner')?.summary).toContain('nginx');
  });

  it('names a loopback address of IPv6 as one writes it with a port', async () => {
    const rows = await rowsOf({
      listeners: seen({ listeners: [{ ...loopback, address: '::1', family: 6 }], ownersKnown: true }),
    });
    expect(only(rows, 'bind-address')?.summary).toContain('([::1]:11434)');
  });

  it('does not take the listener of another program for what Ollama listens on', async () => {
    const rows = await rowsOf({
      ...stopped,
      listeners: seen({
        listeners: [{ ...loopback, process: { pid: 99, name: 'python3' } }],
        ownersKnown: true,
      }),
      hostAnswer: { kind: 'not-ollama', what: 'a web page' },
    });
    expect(on(rows, 'bind-address')).toMatchObject([
      { status: 'blocked', summary: 'port 11434 is held by python3 (PID 99), which is not Ollama' },
    ]);
  });

  it('is quiet about a forwarder behind which Ollama answers', async () => {
    const rows = await rowsOf({
      services: absent,
      listeners: seen({
        listeners: [{ ...wildcard, process: { pid: 99, name: 'docker-proxy' } }],
        ownersKnown: true,
      }),
    });
    expect(only(rows, 'port-owner')?.status).toBe('pass');
  });

  it.each([
    [{ kind: 'not-ollama', what: 'a web page' }, 'not-ollama'],
    [{ kind: 'forbidden', because: 'host' }, 'forbidden-host'],
    [{ kind: 'forbidden', because: 'unknown', by: 'nginx' }, 'forbidden-host'],
    [{ kind: 'http-error', status: 500, what: 'oops', trouble: 'unknown' }, 'api-error'],
    [{ kind: 'no-answer', detail: 'silence' }, 'api-timeout'],
  ] as const)('calls an answer like %j by its code', async (hostAnswer, code) => {
    const rows = await rowsOf({ hostAnswer });
    expect(only(rows, 'ollama-api')).toMatchObject({ status: 'fail', code });
    expect(only(rows, 'models')).toMatchObject({ status: 'blocked', blockedBy: 'ollama-api@host' });
  });

  it('asks who listens where nobody signs an empty 403, as Ollama never gives one to localhost', async () => {
    const what =
      'a proxy or another server, or Ollama behind it, refuses the request (403 with an empty body)';
    const rows = await rowsOf({ hostAnswer: { kind: 'http-error', status: 403, what, trouble: 'refused' } });
    const advice = only(rows, 'ollama-api')?.instructions ?? [];
    expect(advice[0]).toContain('ss -ltnp');
    expect(advice[1]).toContain('never to 127.0.0.1 or localhost');
  });

  it('shows how to see an answer that is no error, and none of Ollama either', async () => {
    const what = 'something that answers, and not as Ollama does';
    const rows = await rowsOf({ hostAnswer: { kind: 'http-error', status: 204, what, trouble: 'unknown' } });
    expect(only(rows, 'ollama-api')?.instructions?.[0]).toMatch(/^see what comes: curl -si http/u);
  });

  it('says of a name that this host does not know that it is the name', async () => {
    const rows = await rowsOf({
      hostAnswer: failed('name-not-found'),
      options: { url: 'http://nosuch.invalid:1' },
    });
    const row = only(rows, 'ollama-api');
    expect(row).toMatchObject({ status: 'fail', code: 'api-error' });
    expect(row?.summary).toContain('the name nosuch.invalid is not known on this host');
    expect(row?.instructions?.join()).not.toContain('journalctl');
  });

  it.each([
    ['the service that runs', {}],
    ['no other check that is made', { services: absent, only: ['ollama-api'] }],
  ])(
    'calls an address of --url that refuses a problem, beside %s',
    async (_, {
      services,
      only: ids,
    }: {
      services?: HostOfValues['services'];
      only?: string[];
    }) => {
      const rows = await rowsOf({
        hostAnswer: failed('refused'),
        options: { url: 'http://localhost:1', ...(ids && { only: ids }) },
        ...(services && { services }),
      });
      expect(only(rows, 'ollama-api')).toMatchObject({ status: 'fail', code: 'api-error' });
      expect(only(rows, 'ollama-api')?.summary).toContain('nothing takes connections at http://localhost:1');
    },
  );

  it.each([
    ['>=0.32', 'pass'],
    ['^0.32.0, <0.33', 'pass'],
    ['>=0.40', 'fail'],
  ])('holds the version against %s: %s', async (requireVersion, status) => {
    const rows = await rowsOf({ options: { requireVersion } });
    expect(only(rows, 'ollama-api')?.status).toBe(status);
    expect(only(rows, 'ollama-api')?.code).toBe(status === 'fail' ? 'version-mismatch' : undefined);
  });

  it.each([
    ['0.0.0', '>=0.13', 'inconclusive'],
    ['0.0.0', '<1', 'inconclusive'],
    ['0.13.1-rc0', '>=0.13.1', 'pass'],
    ['0.13.1-rc0', '<0.13.1', 'fail'],
    ['0.5.13-0-gabcdef', '~0.5.13', 'pass'],
  ])('a version of %s is held against %s: %s', async (version, requireVersion, status) => {
    const hostAnswer = {
      kind: 'ollama' as const,
      version,
      models: [{ name: 'llama3.2:latest' }],
      elapsedMs: 3,
    };
    const rows = await rowsOf({ hostAnswer, options: { requireVersion } });
    expect(only(rows, 'ollama-api')?.status).toBe(status);
  });

  it('names an Ollama whose list of models is none, and does not call that a lack of models', async () => {
    const hostAnswer = {
      kind: 'ollama',
      version: '0.12.3',
      listTrouble: 'a web page',
      elapsedMs: 3,
    } as const;
    const rows = await rowsOf({ hostAnswer });
    expect(only(rows, 'ollama-api')).toMatchObject({ status: 'fail', code: 'api-error' });
    expect(only(rows, 'ollama-api')?.summary).toContain('no list of models at /api/tags: a web page');
    expect(only(rows, 'models')?.status).toBe('blocked');
    // One that was too slow with it was not looked at, which is no error.
    const late = await rowsOf({ hostAnswer: { kind: 'ollama', version: '0.12.3', elapsedMs: 3 } });
    expect(only(late, 'ollama-api')?.status).toBe('pass');
    expect(only(late, 'models')?.status).toBe('inconclusive');
  });

  it('answers about the API where services cannot be looked at', async () => {
    const rows = await rowsOf({ services: unavailable('this version cannot read launchd jobs') });
    expect(only(rows, 'ollama-api')?.status).toBe('pass');
    expect(only(rows, 'models')?.status).toBe('pass');
  });

  it('does not call an Ollama "not installed" whose process is seen', async () => {
    const byHand = service({ manager: 'by-hand', name: 'ollama serve', startedBy: 'by hand, in tmux' });
    delete byHand.processHost;
    const rows = await rowsOf({ ...stopped, services: seen([byHand]) });
    expect(only(rows, 'ollama-service')).toMatchObject({
      status: 'inconclusive',
      summary: expect.stringContaining('by hand, in tmux'),
    });
  });

  it('warns of an empty server, and fails for a model that was required', async () => {
    const empty = { ...ollama, models: [] };
    expect(only(await rowsOf({ hostAnswer: empty }), 'models')).toMatchObject({
      status: 'warn',
      code: 'no-models',
    });
    const rows = await rowsOf({ options: { requireModels: ['llama3.2:1b', 'nomic-embed-text'] } });
    expect(on(rows, 'models')).toMatchObject([{ status: 'fail', code: 'model-missing' }]);
    expect(only(rows, 'models')?.summary).toContain('there is llama3.2:latest');
  });
});
