import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './process.ts';

/** The root filesystem of a host that does not run yet: what is laid on it is there at the first boot. */
export interface Disk {
  root: string;
  /** Writes a file of root's, with its folders; `mode` is 0644 when left out. */
  write: (path: string, text: string, mode?: number) => Promise<void>;
  read: (path: string) => Promise<string>;
  symlink: (path: string, target: string) => Promise<void>;
  /** Runs a command with the disk as its root and no network. Throws when it fails. */
  chroot: (argv: readonly string[]) => Promise<string>;
  /** Enables systemd units, as `systemctl enable` does. */
  enable: (...units: string[]) => Promise<void>;
}

export function diskAt(root: string): Disk {
  const at = (path: string): string => join(root, path);
  return {
    root,
    write: async (path, text, mode = 0o644) => {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), text);
      await must(['chmod', mode.toString(8), at(path)]);
    },
    read: (path) => readFile(at(path), 'utf8'),
    symlink: async (path, target) => {
      await mkdir(dirname(at(path)), { recursive: true });
      await symlink(target, at(path));
    },
    chroot: (argv) => must(['unshare', '--net', 'chroot', root, ...argv]),
    enable: async (...units) => {
      await must(['chroot', root, 'systemctl', 'enable', ...units]);
    },
  };
}

/** What every host has of its own: its name, and a name server that refuses at once. */
export async function personalise(disk: Disk, hostname: string, nameServer: string): Promise<void> {
  await disk.write('/etc/hostname', `${hostname}\n`);
  const hosts = ['127.0.0.1 localhost', `127.0.1.1 ${hostname}`, '::1 localhost ip6-localhost ip6-loopback'];
  await disk.write('/etc/hosts', `${hosts.join('\n')}\n`);
  await disk.write('/etc/resolv.conf', `nameserver ${nameServer}\n`);
}
