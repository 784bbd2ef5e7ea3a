import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, removeTree } from './cache.ts';
import { aptEnvironment, debianMirror, signatureArguments } from './machine-tools.ts';
import { must, run } from './process.ts';

export type Layer =
  | 'plain'
  | 'compose'
  | 'iptables-persistent'
  | 'ufw'
  | 'firewalld'
  | 'rootless'
  | 'starters'
  | 'proxies';

const basePackages = [
  'systemd systemd-sysv dbus iptables nftables iproute2 procps python3-minimal libpython3-stdlib curl',
  'ca-certificates docker.io docker-cli podman netavark aardvark-dns passt slirp4netns uidmap sudo',
]
  .join(' ')
  .split(' ');

/** Each on its own root: Debian does not let ufw and iptables-persistent be installed side by side. */
const layerPackages: Record<Exclude<Layer, 'plain'>, readonly string[]> = {
  'iptables-persistent': ['iptables-persistent', 'netfilter-persistent'],
  // The plugin: `docker compose`.
  compose: ['docker-compose'],
  ufw: ['ufw'],
  firewalld: ['firewalld'],
  // What dockerd wants to run without root beside what the base has for Podman.
  rootless: ['rootlesskit'],
  // What else starts a server: other supervisors beside systemd, multiplexers, and users' own managers.
  starters: ['runit', 'tmux', 'screen', 'libpam-systemd', 'dbus-user-session'],
  proxies: ['nginx', 'caddy'],
};

/** Packages that Debian does not let be installed beside systemd: their files alone are laid there. */
const unpacked: Partial<Record<Layer, readonly string[]>> = {
  starters: ['openrc', 'librc1t64', 'libeinfo1'],
};

/** Answers for debconf: iptables-persistent would otherwise save the rules of whoever installs it. */
const preseed = [
  'iptables-persistent iptables-persistent/autosave_v4 boolean false',
  'iptables-persistent iptables-persistent/autosave_v6 boolean false',
];

const shape = {
  packages: basePackages,
  suite: 'trixie',
  machineId: '0d0c70720d0c70720d0c70720d0c7072',
  arch: process.arch,
  revision: 2,
};

/** The folder of the base root filesystem, made with debootstrap when it is not in the cache yet (a minute). */
export async function baseSystem(): Promise<string> {
  return cached('base', shape, async (root) => {
    const env = await aptEnvironment();
    const [mirror, signature] = await Promise.all([debianMirror(), signatureArguments()]);
    const include = `--include=${shape.packages.join(',')}`;
    await must(['debootstrap', '--variant=minbase', ...signature, include, shape.suite, root, mirror], {
      env,
    });
    await furnish(root);
    await must(['rm', '-rf', join(root, 'var/cache/apt/archives'), join(root, 'debootstrap')]);
    await must(['mkdir', '-p', join(root, 'var/cache/apt/archives/partial')]);
  });
}

async function furnish(root: string): Promise<void> {
  // The kernel is the machine's: there are no modules to load, and a failed unit would be a false alarm.
  await symlink('/dev/null', join(root, 'etc/systemd/system/systemd-modules-load.service'));
  // A fixed id, as systemd would write one at boot and /etc would differ after it.
  await writeFile(join(root, 'etc/machine-id'), `${shape.machineId}\n`);
  await mkdir(join(root, 'var/log/journal'), { recursive: true });
  await must(['chroot', root, 'useradd', '-m', '-s', '/bin/bash', '-G', 'docker', 'dora']);
  await must(['chroot', root, 'useradd', '-m', '-s', '/bin/bash', 'nora']);
}

/**
 * The lower directories of a host's overlay, uppermost first.
 * @param layer what is installed on top of the base; built when it is not in the cache yet
 */
export async function lowerDirectories(layer: Layer): Promise<string[]> {
  const base = await baseSystem();
  if (layer === 'plain') return [base];
  const packages = layerPackages[layer];
  const files = unpacked[layer] ?? [];
  const recipe = { shape, packages, preseed, ...(files.length > 0 && { files }) };
  const folder = await cached(`layer-${layer}`, recipe, (path) => buildLayer(base, path, packages, files));
  return [folder, base];
}

async function buildLayer(
  base: string,
  folder: string,
  packages: readonly string[],
  files: readonly string[],
): Promise<void> {
  const root = `${folder}.root`;
  const work = `${folder}.work`;
  await must(['mkdir', '-p', folder, root, work]);
  const env = await aptEnvironment();
  const overlay = `lowerdir=${base},upperdir=${folder},workdir=${work}`;
  await must(['mount', '-t', 'overlay', 'overlay', '-o', overlay, root]);
  try {
    await installInto(root, packages, files, env);
  } finally {
    await run(['umount', root]);
    await must(['rmdir', root]);
    await removeTree(work);
  }
}

async function installInto(
  root: string,
  packages: readonly string[],
  files: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await must(['cp', '/etc/resolv.conf', join(root, 'etc/resolv.conf')]);
  await must(['chroot', root, 'debconf-set-selections'], { env, input: `${preseed.join('\n')}\n` });
  await must(['chroot', root, 'apt-get', 'update'], { env });
  const install = ['apt-get', 'install', '-y', '--no-install-recommends'];
  await must(['chroot', root, ...install, '--download-only', ...packages], { env });
  // Without a network: what a firewall's package does when it is configured must not reach the machine's rules.
  const apart = ['unshare', '--net', '--mount', '--pid', '--fork', '--mount-proc'];
  await must([...apart, 'chroot', root, ...install, '--no-download', ...packages], { env });
  if (files.length > 0) {
    const unpack =
      'cd /tmp && apt-get download "$@" && for deb in ./*.deb; do dpkg -x "$deb" /; done; rm ./*.deb';
    await must(['chroot', root, 'sh', '-ec', unpack, 'unpack', ...files], { env });
  }
  await must(['chroot', root, 'apt-get', 'clean']);
  await must(['rm', '-f', policy]);
}
