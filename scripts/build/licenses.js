import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The text of THIRD-PARTY-LICENSES.txt: every package that ended up in the bundle, by name, with its licence.
 * `output` is what rolldown wrote. Throws when a bundled package names no licence, as it then may not be shipped.
 */
export async function thirdPartyLicenses(root, output) {
  const folders = new Set();
  for (const file of output) {
    if (file.type !== 'chunk') continue;
    for (const id of Object.keys(file.modules)) {
      const folder = packageFolder(id);
      if (folder !== undefined) folders.add(folder);
    }
  }
  const packages = await Promise.all([...folders].map((folder) => describe(folder)));
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  const head = 'Packages that are part of the built program in dist/, and their licences.\n';
  return [head, ...packages.map(({ title, text }) => `${'-'.repeat(78)}\n${title}\n\n${text}\n`)].join('\n');
}

/** @param {string} id of a module, a path */
function packageFolder(id) {
  const path = id.replace(/^\0/u, '').replace(/\?.*$/u, '').replaceAll('\\', '/');
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u.exec(path)?.[0];
}

/** @param {string} folder */
async function describe(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/iu.test(entry));
  const text = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  if (text === '' && typeof license !== 'string') throw new Error(`${name} ${version} names no licence`);
  return { title: `${name} ${version} (${license ?? 'see below'})`, text };
}
