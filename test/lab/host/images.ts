import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseSystem } from './base-system.ts';
import { cached, removeTree } from './cache.ts';
import { must } from './process.ts';

/**
 * The container images the lab makes, as no registry can be asked:
 * `app:1` has a shell, coreutils and python3; `shell:1` has a shell and coreutils, nothing that speaks HTTP;
 * `scratch:1` has one static program, `/pause`, that sleeps, and nothing else.
 */
export const images = ['app:1', 'shell:1', 'scratch:1'] as const;
export type Image = (typeof images)[number];

const shellPackages =
  'base-files libc6 libgcc-s1 dash coreutils libacl1 libattr1 libgmp10 libselinux1 libpcre2-8-0 libssl3t64 libzstd1 zlib1g libcap2';
const pythonPackages =
  'python3-minimal python3.13-minimal libpython3.13-minimal libpython3-stdlib libpython3.13-stdlib libexpat1 libffi8 libbz2-1.0 liblzma5 libuuid1 libcrypt1';

const pauseProgram = '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n';

const contents: Record<Image, string[]> = {
  'app:1': `${shellPackages} ${pythonPackages}`.split(' '),
  'shell:1': shellPackages.split(' '),
  'scratch:1': [],
};

/** The tarballs of the images' root filesystems, for `docker import`; built when they are not in the cache yet. */
export async function imageTarballs(): Promise<Record<Image, string>> {
  const paths = {} as Record<Image, string>;
  for (const image of images) {
    const recipe = { packages: contents[image], pauseProgram, arch: process.arch, revision: 2 };
    paths[image] = await cached(`image-${image.replace(':', '-')}.tar`, recipe, (path) =>
      image === 'scratch:1' ? tarPause(path) : tarPackages(path, contents[image]),
    );
  }
  return paths;
}

/** Takes packages out of the base system, as they lie there: far quicker than another debootstrap. */
async function tarPackages(tarball: string, packages: readonly string[]): Promise<void> {
  const base = await baseSystem();
  const listed = await must(['chroot', base, 'dpkg-query', '--listfiles', ...packages]);
  const left =
    /^\/(usr\/share\/(doc|man|locale|info|lintian|bug)|usr\/lib\/python3[.\d]*\/(test|idlelib))(\/|$)/;
  const paths = new Set(listed.split('\n').filter((path) => path.startsWith('/') && path !== '/.'));
  const extra = [
    '/bin',
    '/sbin',
    '/lib',
    '/lib64',
    '/usr/bin/sh',
    '/usr/bin/python3',
    '/etc/passwd',
    '/etc/group',
  ];
  for (const path of [...extra, '/etc/nsswitch.conf']) paths.add(path);
  const wanted = [...paths].filter((path) => !left.test(path) && !/^\/(bin|sbin|lib|lib64)\//.test(path));
  const tar = ['tar', '-C', base, '--no-recursion', '--ignore-failed-read', '-cf', tarball, '-T', '-'];
  await must(tar, { input: `${wanted.map((path) => `.${path}`).join('\n')}\n` });
}

async function tarPause(tarball: string): Promise<void> {
  const folder = `${tarball}.files`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pause.c'), pauseProgram);
  await must(['gcc', '-Os', '-static', '-s', '-o', join(folder, 'pause'), join(folder, 'pause.c')]);
  await must(['tar', '-C', folder, '-cf', `${tarball}.new`, 'pause']);
  await rename(`${tarball}.new`, tarball);
  await removeTree(folder);
}
