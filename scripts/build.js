// Builds dist/: the whole program as ESM in chunks, with everything it uses in it, and the licences of what that is.
// `node scripts/build.js [FOLDER]`: into another folder than this project's own.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { thirdPartyLicenses } from './build/licenses.js';
import { minifyChunks } from './build/minify.js';
import { stubUnused } from './build/stubs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2] === undefined ? root : `${resolve(process.argv[2])}/`;
const building = `${target}dist.${process.pid}.tmp`;

const bundle = await rolldown({
  cwd: root,
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  external: [/^node:/u],
  plugins: [stubUnused(), minifyChunks()],
  checks: { eval: false },
  onLog(level, log, handler) {
    // A package that is not found stays an import, and would only be missed on somebody else's machine.
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    handler(level, log);
  },
});

const { output } = await bundle.write({
  dir: building,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: { groups: [{ name: 'zod', test: /node_modules[\\/]zod[\\/]/u }] },
  comments: { legal: false, annotation: false, jsdoc: false },
});
await bundle.close();

await writeFile(`${target}THIRD-PARTY-LICENSES.txt`, await thirdPartyLicenses(root, output));

// Swapped in as a whole, so that a doctor started meanwhile finds the old program or the new one.
const previous = `${target}dist.${process.pid}.old`;
await mkdir(`${target}dist`, { recursive: true });
await rename(`${target}dist`, previous);
await rename(building, `${target}dist`);
await rm(previous, { recursive: true, force: true });

const bytes = output.reduce(
  (sum, file) => sum + (file.type === 'chunk' ? Buffer.byteLength(file.code) : 0),
  0,
);
console.log(`dist: ${output.length} files, ${Math.round(bytes / 1024)} KB`);
