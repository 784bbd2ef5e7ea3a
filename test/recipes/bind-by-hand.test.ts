import { describe, expect, it } from 'vitest';
import type { OllamaService } from '../../src/facts/service.ts';
import { bindByHand, publishByHand } from '../../src/recipes/bind-by-hand.ts';
import { container, service } from '../checks/host-of-values.ts';

const line = (file: string, text: string): OllamaService['settings'] => [
  {
    variable: 'OLLAMA_HOST',
    value: '127.0.0.1',
    file,
    line: 3,
    text,
    kind: 'environment-file',
    status: 'in-force',
  },
];

describe('how a person has Ollama listen everywhere, by who keeps its settings', () => {
  it.each<[string, Partial<OllamaService>, string[]]>([
    [
      "a user's own unit",
      { manager: 'systemd-user', user: 'ada' },
      [
        'as ada: systemctl --user edit ollama.service, with the lines: [Service] and Environment="OLLAMA_HOST=0.0.0.0:11434"',
        'as ada: systemctl --user restart ollama.service',
      ],
    ],
    [
      'Homebrew on Linux',
      { manager: 'brew-services', name: 'homebrew.ollama.service', user: 'ada' },
      ['into ~/.homebrew/services/ollama.env', 'brew services restart ollama'],
    ],
    [
      'OpenRC',
      { manager: 'openrc', name: 'ollama' },
      ['add to /etc/conf.d/ollama: export OLLAMA_HOST=0.0.0.0:11434', 'sudo rc-service ollama restart'],
    ],
    [
      'OpenRC, where a line sets it',
      {
        manager: 'openrc',
        name: 'ollama',
        settings: line('/etc/conf.d/ollama', 'export OLLAMA_HOST=127.0.0.1'),
      },
      ['change line 3 of /etc/conf.d/ollama to: export OLLAMA_HOST=0.0.0.0:11434'],
    ],
    [
      'runit',
      { manager: 'runit', name: 'ollama', definition: '/etc/sv/ollama/run' },
      [
        'add to /etc/sv/ollama/run, ahead of exec: export OLLAMA_HOST=0.0.0.0:11434',
        'sudo sv restart ollama',
      ],
    ],
    [
      'runit with a folder of variables',
      { manager: 'runit', name: 'ollama', settings: line('/etc/sv/ollama/env/OLLAMA_HOST', '127.0.0.1') },
      ['write 0.0.0.0:11434 into /etc/sv/ollama/env/OLLAMA_HOST'],
    ],
    ['a snap', { manager: 'snap' }, ['sudo snap set ollama host=0.0.0.0:11434']],
    ['NixOS', { manager: 'nixos' }, ['services.ollama.host = "0.0.0.0"; services.ollama.port = 11434;']],
    [
      'a quadlet',
      { manager: 'quadlet', definition: '/etc/containers/systemd/ollama.container' },
      [
        'in /etc/containers/systemd/ollama.container, section [Container]: PublishPort=11434:11434',
        'sudo systemctl daemon-reload',
        'sudo systemctl restart ollama.service',
      ],
    ],
    [
      'a shell',
      { manager: 'by-hand', name: 'ollama serve', startedBy: 'by hand, in tmux', pid: 90 },
      ['end it (kill 90) and start it again the same way', 'OLLAMA_HOST=0.0.0.0:11434 ollama serve'],
    ],
  ])('%s', (_name, change, said) => {
    const words = bindByHand(service(change), 11_434).instructions.join('\n');
    for (const text of said) expect(words).toContain(text);
    expect(words).toMatch(/no authentication|openFirewall/u);
  });

  it('a container that publishes its port on loopback: by compose, or anew, and never by a program', () => {
    const ports = [{ hostAddress: '127.0.0.1', hostPort: 11_434, containerPort: 11_434 }];
    const plain = publishByHand(container({ name: 'ollama', ports }), 11_434);
    expect(plain.reason).toContain('the container ollama publishes port 11434 at 127.0.0.1 only');
    expect(plain.instructions.join('\n')).toContain('make it anew with -p 11434:11434');
    const compose = { project: 'p', service: 'llm', configFiles: [] };
    const composed = publishByHand(container({ name: 'ollama', ports, compose }), 11_434);
    expect(composed.instructions.join('\n')).toContain('docker compose up -d llm');
  });
});
