// Runs in a lab host: `node kill-at-line.js LINES COMMAND...` starts the command and kills it (SIGKILL) as soon as its
// journal has that many lines. Says `killed at N` if it came to that.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';

const [lines, file, ...args] = process.argv.slice(2);
const receipts = '/var/lib/ollama-doctor/receipts';
rmSync('/var/lib/ollama-doctor', { recursive: true, force: true });
const child = spawn(file, args, { stdio: 'ignore' });

let watched = false;
function look() {
  const [receipt] = existsSync(receipts) ? readdirSync(receipts) : [];
  if (receipt === undefined) return;
  // inotify from here on: looking again and again would slow down what is watched.
  if (!watched) watch(`${receipts}/${receipt}`, look).unref();
  watched = true;
  const journal = `${receipts}/${receipt}/journal.jsonl`;
  const written = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0;
  if (written < Number(lines) || !child.kill('SIGKILL')) return;
  console.log(`killed at ${written}`);
  process.exit();
}
const waiting = setInterval(() => (watched ? clearInterval(waiting) : look()), 2);
child.on('exit', () => process.exit());
