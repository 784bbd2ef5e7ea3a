import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/runtimes/recreate/run-command.ts';

/** The shape of `GET /containers/ID/json` of Docker 26, cut to what says how it was started. */
const inspected = {
  Id: 'f00dfeed',
  Name: '/agent',
  Config: {
    Hostname: 'f00dfeed',
    User: '1000',
    Env: ['LLM_BASE_URL=http://localhost:11434', 'API_TOKEN=s3cret', 'PATH=/usr/bin'],
    Cmd: ['serve', '--port', '80'],
    Image: 'stigmer/agent:1',
    WorkingDir: '/app',
    Entrypoint: ['/entry.sh'],
    Labels: { maintainer: 'x', mine: 'y z' },
  },
  HostConfig: {
    Binds: ['/srv/data:/data:ro', 'named:/var/lib/agent'],
    NetworkMode: 'agents',
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
    RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    ExtraHosts: null,
    Memory: 536870912,
    ShmSize: 67108864,
    DeviceRequests: [{ Count: -1, DeviceIDs: null }],
    Runtime: 'runc',
  },
  Mounts: [
    { Type: 'bind', Source: '/srv/data', Destination: '/data' },
    { Type: 'volume', Name: 'a'.repeat(64), Destination: '/cache' },
  ],
  NetworkSettings: { Networks: { agents: { Aliases: ['helper', 'f00dfeed'] }, more: {} } },
};
const image = {
  Config: {
    Env: ['PATH=/usr/bin'],
    Entrypoint: ['/entry.sh'],
    Cmd: ['serve'],
    WorkingDir: '/app',
    Labels: { maintainer: 'x' },
  },
};

describe('the words that make a container again', () => {
  it('hold all that it was started with, the change, and no secret', () => {
    const change = {
      set: { name: 'LLM_BASE_URL', value: 'http://host.docker.internal:11434' },
      addHost: 'host.docker.internal',
    };
    const made = runCommand(inspected, image, 'docker', change);
    expect(made?.commands).toEqual([
      'docker stop agent',
      'docker rename agent agent-old',
      "docker run -d --name=agent --restart=unless-stopped --network=agents --network-alias=helper --publish=127.0.0.1:8080:80/tcp --volume=/srv/data:/data:ro --volume=named:/var/lib/agent --env=API_TOKEN --env=LLM_BASE_URL=http://host.docker.internal:11434 --add-host=host.docker.internal:host-gateway --gpus=all --memory=536870912 --user=1000 '--label=mine=y z' stigmer/agent:1 serve --port 80",
      'then, when the new one does what it should: docker rm agent-old',
    ]);
    expect(JSON.stringify(made)).not.toContain('s3cret');
    expect(made?.losses).toEqual([
      'values that may be secret are not shown; set these in your shell first (docker inspect shows them): API_TOKEN',
      'what was written inside the container and not to a volume is not in the new one',
      'the volumes without a name stay with the old one (/cache): copy what you need of them before you remove it',
      'it is on further networks: docker network connect more',
    ]);
  });

  it('are none for an answer of another shape, and never throw', () => {
    expect(runCommand({}, undefined, 'docker', {})).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (host, config) => {
        const answer = { Name: '/a', Config: { ...Object(config), Image: 'x' }, HostConfig: host };
        expect(() => runCommand(answer, config, 'docker', {})).not.toThrow();
      }),
    );
  });
});
