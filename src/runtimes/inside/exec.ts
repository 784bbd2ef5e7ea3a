import type { EngineClient } from '../docker/client.ts';
import { EngineError } from '../docker/modem.ts';
import { splitStreams } from '../docker/stream.ts';
import { nodeProber } from '../probers/node.ts';
import { perlProber } from '../probers/perl.ts';
import { parseProbe } from '../probers/protocol.ts';
import { pythonProber } from '../probers/python.ts';
import { shellProber } from '../probers/shell.ts';
import { type Job, proberArguments } from './job.ts';
import type { Way, WayResult } from './way.ts';

/** The command that finds a tool in a container and probes with it, in one go. */
export function shellCommand(job: Job, skip: readonly string[]): string[] {
  const left = job.plain ? skip : [...skip, 'wget', 'busybox-wget'];
  return [
    'sh',
    '-c',
    shellProber,
    'sh',
    left.join(' '),
    ...proberArguments(job),
    job.url,
    pythonProber,
    nodeProber,
    perlProber,
    ...job.curlArguments,
  ];
}

/** The same without a shell, for images that hold an interpreter and nothing else. */
function bareCommands(job: Job): { tool: string; argv: string[] }[] {
  const rest = proberArguments(job);
  return [
    { tool: 'python3', argv: ['python3', '-IS', '-c', pythonProber, ...rest] },
    { tool: 'node', argv: ['node', '-e', nodeProber, '--', ...rest] },
    { tool: 'node', argv: ['/nodejs/bin/node', '-e', nodeProber, '--', ...rest] },
  ];
}

/**
 * Exec in the container itself with what its image has: the same user, names and routes as the application's. Leaves
 * nothing behind but an event in the engine's log.
 *
 * @param label how the engine's command is called in words: `docker exec web`
 */
export function execWay(client: EngineClient, id: string, label: string): Way {
  const broken: string[] = [];
  let shell: 'unknown' | 'there' | 'missing' = 'unknown';

  const throughShell = async (job: Job): Promise<WayResult> => {
    for (let tries = 0; tries < 4; tries += 1) {
      const seen = await run(client, id, shellCommand(job, broken));
      if (seen.state === 'refused') {
        return {
          state: 'impossible',
          reason: seen.reason,
          ...(seen.reason === stopped ? { gone: true } : {}),
        };
      }
      const report = parseProbe(seen.stdout, seen.stderr, job.mode);
      if (report?.tool === 'none') {
        return {
          state: 'impossible',
          reason: 'the image has none of python3, node, perl, curl, bash, wget and BusyBox’s nc',
        };
      }
      if (report?.complete === true) {
        shell = 'there';
        return { state: 'reported', report, via: `${label} ${report.tool.replace('-', ' ')}` };
      }
      const failed = /^prober ([\w-]+)$/mu.exec(seen.stderr)?.[1];
      if (failed === undefined) {
        if (shell === 'unknown') shell = 'missing';
        return { state: 'impossible', reason: 'the image has no shell' };
      }
      broken.push(failed);
    }
    return { state: 'impossible', reason: `none of the tools in the image works (${broken.join(', ')})` };
  };

  const withoutShell = async (job: Job): Promise<WayResult> => {
    const tried = await Promise.all(
      bareCommands(job).map(async ({ tool, argv }) => ({ tool, seen: await run(client, id, argv) })),
    );
    for (const { tool, seen } of tried) {
      const report =
        seen.state === 'ran'
          ? parseProbe(seen.stdout, `prober ${tool}\n${seen.stderr}`, job.mode)
          : undefined;
      if (report?.complete === true) return { state: 'reported', report, via: `${label} ${tool}` };
    }
    return { state: 'impossible', reason: 'the image has no shell, no python3 and no node' };
  };

  return {
    async probe(job) {
      if (shell === 'missing') return withoutShell(job);
      const result = await throughShell(job);
      return result.state === 'impossible' && (shell as string) === 'missing' ? withoutShell(job) : result;
    },
  };
}

const stopped = 'the container stopped in between';

type Ran =
  | { state: 'ran'; stdout: Buffer; stderr: string }
  /** The engine would not run it, for a reason that no other command would change. */
  | { state: 'refused'; reason: string };

async function run(client: EngineClient, id: string, argv: readonly string[]): Promise<Ran> {
  try {
    const { output } = await client.exec(id, argv);
    const { stdout, stderr } = splitStreams(output);
    return { state: 'ran', stdout, stderr: stderr.toString('utf8') };
  } catch (error) {
    if (!(error instanceof EngineError)) return { state: 'refused', reason: String(error) };
    const { failure } = error;
    // A missing program is an answer about the program (126, 127), whatever status the engine's age gives it.
    if (failure.kind === 'status' && isMissingProgram(failure.message)) {
      return { state: 'ran', stdout: Buffer.alloc(0), stderr: failure.message };
    }
    return { state: 'refused', reason: refusal(error) };
  }
}

/** The runtime's words for a program that is not in the image (runc, crun). */
export function isMissingProgram(message: string): boolean {
  return /executable file[^\n]*not found|no such file or directory|OCI runtime exec failed|permission denied: unknown/iu.test(
    message,
  );
}

function refusal(error: EngineError): string {
  const { failure } = error;
  if (failure.kind === 'status') {
    if (/is not running|no such container|can only create exec sessions/iu.test(failure.message)) {
      return stopped;
    }
    if (/is paused/iu.test(failure.message)) return 'the container is paused';
  }
  if (failure.kind === 'network' && failure.failure === 'timeout')
    return 'the engine did not finish the exec in time';
  return `exec was refused: ${error.message}`;
}
