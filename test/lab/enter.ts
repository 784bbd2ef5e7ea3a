// Boots the host of the incident and opens a shell in it; leaving the shell removes the host.
// usage: node --import tsx test/lab/enter.ts [bind=loopback|all] [rules=drop|allow|none] [service=running|stopped]
import { spawnSync } from 'node:child_process';
import { prepareLab } from './host/index.ts';
import { type IncidentPlan, incidentHost } from './scenarios/incident.ts';

const words = Object.fromEntries(process.argv.slice(2).map((word) => word.split('=', 2)));
await prepareLab();
const host = await incidentHost({ name: 'shell', ...(words as Omit<IncidentPlan, 'name'>) });
process.stderr.write(`A host with the incident; \`ollama-doctor\` is the doctor. Leave with exit.\n`);
await host.write(
  '/usr/local/bin/ollama-doctor',
  '#!/bin/sh\nexec node /opt/ollama-doctor/bin/ollama-doctor.js "$@"\n',
  0o755,
);
const [command = '', ...args] = host.command(['bash', '-l']);
spawnSync(command, args, { stdio: 'inherit' });
await host.stop();
