#!/usr/bin/env node
// Starts the built program. Kept to what every start pays for; `--version` is answered right here.
import { existsSync, readFileSync } from 'node:fs';

const words = process.argv.slice(2);
const [major, minor] = process.versions.node.split('.').map(Number);

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${ownVersion()}\n`);
} else if (major < 20 || (major === 20 && minor < 19)) {
  refuse(`needs Node.js 20.19 or newer, and this is ${process.versions.node}`, 'install a newer Node.js');
} else if (existsSync(new URL('../dist/main.js', import.meta.url))) {
  const { keepCompiledCode } = await import('./compile-cache.js');
  keepCompiledCode();
  const { start } = await import('../dist/main.js');
  await start();
} else {
  refuse('not built yet', 'run `npm run build` in its folder');
}

function ownVersion() {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

/**
 * @param {string} message
 * @param {string} hint
 */
function refuse(message, hint) {
  process.exitCode = 2;
  process.stderr.write(`ollama-doctor: ${message}; ${hint}\n`);
  if (!words.includes('--json')) return;
  const tool = { name: 'ollama-doctor', version: ownVersion() };
  const error = { code: 'internal', message, hint };
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, tool, error }, null, 2)}\n`);
}
