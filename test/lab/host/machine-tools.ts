import { existsSync } from 'node:fs';
import { must, run } from './process.ts';

/** Programs the lab needs on the machine that boots the hosts, and the Debian package of each. */
const tools: Record<string, string> = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  nft: 'nftables',
  nsenter: 'util-linux',
  flock: 'util-linux',
  gcc: 'gcc libc6-dev',
  tar: 'tar',
  python3: 'python3',
  'iptables-save': 'iptables',
  ipset: 'ipset',
};

/** Throws, saying why, where no host can be booted: the lab wants root on Linux with apt. */
export function assertLabIsPossible(): void {
  if (process.platform !== 'linux') throw new Error('the lab boots Linux hosts: it needs Linux');
  if (process.getuid?.() !== 0) throw new Error('the lab makes namespaces and mounts: run it as root');
}

/** Installs with apt-get what is missing of the lab's tools. */
export async function installTools(): Promise<void> {
  const missing: string[] = [];
  for (const [program, packages] of Object.entries(tools)) {
    const found = await run(['sh', '-c', `command -v ${program}`]);
    if (found.exitCode !== 0) missing.push(...packages.split(' '));
  }
  if (missing.length === 0) return;
  await aptInstall(missing);
}

async function aptInstall(packages: readonly string[]): Promise<void> {
  const env = { ...(process.env as Record<string, string>), DEBIAN_FRONTEND: 'noninteractive' };
  await must(['apt-get', 'update'], { env });
  await must(['apt-get', 'install', '-y', '--no-install-recommends', ...packages], { env });
}

/** The Debian mirror apt is set up with here, or Debian's own where apt is set up for another system. */
export async function debianMirror(): Promise<string> {
  const uris = await run(['apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  const debian = uris.stdout.split('\n').find((uri) => /^https?:\/\/.*\/debian\/?$/.test(uri.trim()));
  return (debian ?? 'http://deb.debian.org/debian').trim().replace(/\/$/, '');
}

/** Arguments for debootstrap that make it check signatures, or not where Debian's key cannot be had. */
export async function signatureArguments(): Promise<string[]> {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  if (!existsSync(keyring)) await aptInstall(['debian-archive-keyring']).catch(() => undefined);
  return existsSync(keyring) ? [`--keyring=${keyring}`] : ['--no-check-gpg'];
}

/** The environment for debootstrap and for apt in a host: with apt's own proxy, if it has one. */
export async function aptEnvironment(): Promise<Record<string, string>> {
  const dump = await run(['apt-config', 'dump', 'Acquire::http::Proxy']);
  const proxy = /Acquire::http::Proxy "([^"]+)"/.exec(dump.stdout)?.[1];
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C.UTF-8',
    ...(proxy === undefined ? {} : { http_proxy: proxy }),
  };
}
