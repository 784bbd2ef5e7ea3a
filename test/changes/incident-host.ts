import type { Plan } from '../../src/changes/change.ts';
import { simulate, type SimulationScript, type Simulated } from '../../src/machine/simulated.ts';

const unit = '[Service]\nExecStart=/usr/local/bin/ollama serve\n';
export const savedRules =
  '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 11434 -j DROP\nCOMMIT\n';
export const dropIn = '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf';
export const rulesFile = '/etc/iptables/rules.v4';
export const drop = '-A INPUT -p tcp -m tcp --dport 11434 -j DROP';
export const accept =
  '-A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT';

/** What is in force on the simulated host beside its files. */
interface Kernel {
  rules: string[];
  /** The environment that the running server was started with. */
  serves: string;
  loaded: string;
}

export interface Host extends Simulated {
  kernel: Kernel;
}

/** A host with one chain of rules and one service, whose commands do what the real ones do to them. */
export function host(extra: SimulationScript = {}): Host {
  const kernel: Kernel = { rules: [drop], serves: '', loaded: '' };
  const machine = simulate({
    files: {
      '/etc/systemd/system/ollama.service': unit,
      [rulesFile]: { text: savedRules, mode: 0o640, uid: 0, gid: 4 },
      '/var/lib/dpkg/status': '',
    },
    run: ({ argv }, self) => {
      const line = argv.join(' ');
      if (line === 'iptables -S INPUT') return ['-P INPUT DROP', ...kernel.rules, ''].join('\n');
      if (line.startsWith('iptables -I INPUT 1 ')) {
        kernel.rules.unshift(`-A INPUT ${argv.slice(4).join(' ')}`);
        return '';
      }
      if (line.startsWith('iptables -D INPUT ')) {
        const at = kernel.rules.indexOf(`-A INPUT ${argv.slice(3).join(' ')}`);
        if (at < 0)
          return { exitCode: 1, stderr: 'iptables: Bad rule (does a matching rule exist in that chain?).\n' };
        kernel.rules.splice(at, 1);
        return '';
      }
      if (line === 'systemctl daemon-reload') {
        kernel.loaded = self.files.text(dropIn) ?? '';
        return '';
      }
      if (line === 'systemctl reset-failed ollama.service') return '';
      if (
        line === 'systemctl start ollama.service' ||
        line === 'systemctl restart ollama.service' ||
        line === 'systemctl try-restart ollama.service'
      ) {
        kernel.serves = kernel.loaded;
        return '';
      }
      return 'not-found';
    },
    ...extra,
  });
  return { ...machine, kernel };
}

/** A drop-in, a rule and the rule in the saved file, as the recipes plan them. */
export function plans(): Plan[] {
  const rule = accept.slice('-A INPUT '.length).split(' ');
  return [
    {
      recipe: 'bind-all-interfaces',
      cures: ['bind-loopback@host'],
      gainsAccess: [],
      notes: [],
      changes: [
        {
          kind: 'file',
          summary: 'listen on all interfaces',
          path: dropIn,
          before: null,
          after: '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:11434"\n',
          attributes: { mode: 0o644 },
          thenRun: [
            ['systemctl', 'daemon-reload'],
            ['systemctl', 'restart', 'ollama.service'],
          ],
          thenRunOnUndo: [
            ['systemctl', 'daemon-reload'],
            ['systemctl', 'try-restart', 'ollama.service'],
          ],
          elevated: true,
        },
      ],
    },
    {
      recipe: 'allow-container-subnet',
      cures: ['firewall-drop@container:web'],
      gainsAccess: ['container:web'],
      notes: [],
      changes: [
        {
          kind: 'command',
          summary: 'let the subnet in',
          apply: ['iptables', '-I', 'INPUT', '1', ...rule],
          undo: [['iptables', '-D', 'INPUT', ...rule]],
          inForce: { argv: ['iptables', '-S', 'INPUT'], line: accept },
          madeFrom: { argv: ['iptables', '-S', 'INPUT'], lines: ['-P INPUT DROP', drop] },
          diff: '',
          elevated: true,
        },
        {
          kind: 'file',
          summary: 'the same rule at boot',
          path: rulesFile,
          before: savedRules,
          after: savedRules.replace(drop, `${accept}\n${drop}`),
          attributes: { mode: 0o640 },
          thenRun: [],
          thenRunOnUndo: [],
          elevated: true,
        },
      ],
    },
  ];
}

/** Everything about the host that a fix may change, for comparing. Receipts and the lock are not part of it. */
export function stateOf(machine: Host): unknown {
  const all = Object.keys(machine.files.all()).filter((path) => !path.startsWith('/var/lib/ollama-doctor/'));
  const folders = ['/etc', '/etc/systemd/system', '/etc/systemd/system/ollama.service.d', '/etc/iptables'];
  return {
    files: Object.fromEntries(all.map((path) => [path, machine.files.state(path)])),
    folders: Object.fromEntries(folders.map((path) => [path, machine.files.list(path)])),
    kernel: structuredClone(machine.kernel),
  };
}
