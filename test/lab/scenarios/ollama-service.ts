import { readFile } from 'node:fs/promises';
import type { Disk } from '../host/disk.ts';

const unitPath = '/etc/systemd/system/ollama.service';

/** The unit that Ollama's install.sh writes, with more lines for its [Service] section. */
function ollamaUnit(lines: readonly string[] = []): string {
  return `${[
    '[Unit]',
    'Description=Ollama Service',
    'After=network-online.target',
    '',
    '[Service]',
    'ExecStart=/usr/local/bin/ollama serve',
    'User=ollama',
    'Group=ollama',
    'Restart=always',
    'RestartSec=3',
    'Environment="PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
    ...lines,
    '',
    '[Install]',
    'WantedBy=default.target',
  ].join('\n')}\n`;
}

/**
 * Installs the stand-in for Ollama on a disk, as install.sh would: the program, the user, the unit.
 * @param serviceLines more lines for the unit's [Service] section
 * @param enabled whether it starts at boot
 */
export async function installOllama(
  disk: Disk,
  { serviceLines = [], enabled = true }: { serviceLines?: readonly string[]; enabled?: boolean } = {},
): Promise<void> {
  await disk.write('/usr/local/bin/ollama', await standIn('ollama'), 0o755);
  await disk.write('/usr/local/lib/ollama-standin/ollama_rules.py', await standIn('ollama_rules.py'));
  await disk.chroot(['useradd', '-r', '-s', '/bin/false', '-U', '-m', '-d', '/usr/share/ollama', 'ollama']);
  await disk.write(unitPath, ollamaUnit(serviceLines));
  if (enabled) await disk.enable('ollama.service');
}

function standIn(file: string): Promise<string> {
  return readFile(new URL(`../standin/${file}`, import.meta.url), 'utf8');
}
