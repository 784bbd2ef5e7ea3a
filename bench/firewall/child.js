// One question of a process of its own. Arguments: what to do (decide, json: JSON.parse alone), the engine, the listing,
// its format. Prints one line of JSON: milliseconds of the thing alone by the clock and by the thread's own time on a
// processor (null where the system does not tell), and the most memory the process had.
import { existsSync, readFileSync } from 'node:fs';

const [what, engine, file, format] = process.argv.slice(2);
const { decide } = await import(engine);
const text = readFileSync(file, 'utf8');
const input = {
  rulesets: [{ format, text }],
  packet: { inInterface: 'br-x', source: '172.18.0.2', destination: '172.18.0.1', destinationPort: 11434 },
  host: { addresses: [{ interface: 'br-x', address: '172.18.0.1', prefixLength: 16 }] },
};
const SCHEDULE = '/proc/thread-self/schedstat';
const onProcessor = () =>
  existsSync(SCHEDULE) ? Number(readFileSync(SCHEDULE, 'latin1').split(' ')[0]) / 1e6 : Number.NaN;

/** The most memory since the program began: what getrusage tells counts the parent's, from ahead of exec. */
const STATUS = '/proc/self/status';
const peakMb = () =>
  existsSync(STATUS)
    ? Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(STATUS, 'latin1'))[1]) / 1024
    : process.resourceUsage().maxRSS / 1024;

const thread = onProcessor();
const before = performance.now();
const done = what === 'json' ? JSON.parse(text) : what === 'decide' ? decide(input) : null;
const ms = performance.now() - before;
const own = onProcessor() - thread;
console.log(
  JSON.stringify({
    verdict: done?.verdict,
    ms,
    own: Number.isNaN(own) ? null : own,
    peakMb: peakMb(),
  }),
);
