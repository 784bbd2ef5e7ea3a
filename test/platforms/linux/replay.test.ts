import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { record, writeRecording } from '../../../src/machine/recording.ts';
import { openReplay } from '../../../src/machine/replay.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import { linux } from '../../../src/platforms/linux/index.ts';
import { captured } from './captured.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platforms-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const drop = '/etc/systemd/system/ollama.service.d';
const trixie = (name: string): string => captured('trixie', name);

/** A host as it was captured on Debian 13, its service in one of the captured states. */
function host(state: string) {
  return simulate({
    files: {
      '/etc/systemd/system/ollama.service':
        '[Service]\nExecStart=/usr/local/bin/ollama serve\nEnvironment="PATH=/bin" "HF_TOKEN=secret"\nEnvironment="OLLAMA_HOST=127.0.0.1:11434" "API_KEY=secret"\n',
      [`${drop}/10-quotes.conf`]: '[Service]\nEnvironment=\u201cOLLAMA_HOST=0.0.0.0:11434\u201d\n',
      [`${drop}/20-nosection.conf`]: 'Environment="OLLAMA_HOST=0.0.0.0:11434"\n',
      [`${drop}/30-file.conf`]: '[Service]\nEnvironmentFile=-/etc/sysconfig/ollama\n',
      [`${drop}/override.conf`]: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434" "OLLAMA_ORIGINS=*"\n',
      '/etc/sysconfig/ollama': '# openSUSE style\nOLLAMA_HOST="127.0.0.1:11434"\nexport OLLAMA_ORIGINS=*\n',
      '/proc/478/environ': 'PATH=/bin\0HF_TOKEN=secret\0OLLAMA_HOST=127.0.0.1:11434\0',
      '/proc/80/cmdline': '/usr/local/bin/ollama\0serve\0',
      '/proc/843/cmdline': '/usr/local/bin/ollama\0serve\0',
      '/proc/net/tcp': trixie('proc-net-tcp.txt'),
      '/proc/net/tcp6': trixie('proc-net-tcp6.txt'),
      '/proc/sys/net/ipv4/conf/all/rp_filter': '2\n',
      '/etc/iptables/rules.v4': '# comment\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n',
    },
    run: ({ argv }) => {
      const line = argv.join(' ');
      if (line.startsWith('systemctl show ollama')) return trixie(`systemctl-show-${state}.txt`);
      if (line.startsWith('systemctl show ufw')) return trixie('systemctl-show-firewalls-persistent.txt');
      if (line.startsWith('journalctl')) return trixie('journalctl-port-conflict.txt');
      return commands[line] ?? 'not-found';
    },
  });
}

const commands: Record<string, string> = {
  'ss -ltnpH': trixie('ss.txt'),
  'ip -j -d addr show': trixie('ip-addr.json'),
  'ip -j -4 route show': trixie('ip-route4.json'),
  'ip -j -6 route show': trixie('ip-route6.json'),
  'nft -j list ruleset': trixie('nft-ruleset.json'),
  'iptables-nft-save -c': trixie('iptables-nft-save.txt'),
  'ip6tables-nft-save -c': '',
  'pidof -x ollama': '843\n',
};

test.each(['running', 'dropins', 'stopped', 'port-conflict', 'masked', 'none'])(
  'a host whose service is %s is the same in a recording of it, and neither holds a secret',
  async (state) => {
    const recorder = record(host(state));
    const look = (machine: typeof recorder.machine) =>
      Promise.all([
        linux.services(machine),
        linux.listeners(machine),
        linux.network(machine),
        linux.rulesets(machine),
        linux.ownership(machine),
      ]);
    const live = await look(recorder.machine);
    const path = join(folder, 'recording.json');
    const recording = recorder.recording();
    expect(JSON.stringify([recording, live])).not.toContain('secret');
    await writeRecording(recording, path);
    expect(await look(await openReplay(path))).toEqual(live);
  },
);
