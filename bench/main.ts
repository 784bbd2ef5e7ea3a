// npm run bench: prints ratios of one run, never judges. `npm run bench -- start firewall diagnosis` picks some.
import { benchStart } from './start.ts';

const wanted = process.argv.slice(2);
const includes = (name: string): boolean => wanted.length === 0 || wanted.includes(name);

if (includes('start')) benchStart();
if (includes('firewall')) await (await import('./firewall/main.ts')).benchFirewall();
if (includes('diagnosis')) {
  if (process.getuid?.() === 0 && process.platform === 'linux')
    await (await import('./diagnosis.ts')).benchDiagnosis();
  else console.log('\ndiagnosis: left out, it boots a lab host and wants root on Linux');
}
