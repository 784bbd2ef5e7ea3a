import type { Command } from 'commander';
import type { FoundUrl, UrlQuestion } from '../../diagnosis/find-url.ts';
import { defaultOptions } from '../../diagnosis/options.ts';
import type { Machine } from '../../machine/machine.ts';
import { renderJson } from '../../report/json.ts';
import { visible } from '../../report/text/visible.ts';
import { tool } from '../../report/tool.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';
import { httpUrl, milliseconds } from '../options/values.ts';
import { choice, oneValue } from '../options/words.ts';
import type { Outcome } from '../program.ts';
import { openRecorded } from '../recorded.ts';
import { print, type World } from '../world.ts';

interface Typed {
  from?: string;
  env?: string;
  json?: true;
  runtime?: 'docker' | 'podman';
  timeout?: number;
  record?: string;
  replay?: string;
}

/** `ollama-doctor url [URL]`: one base URL that works from a container or from this host, on standard output alone. */
export function addUrl(program: Command, world: World, outcome: Outcome): void {
  program
    .command('url [url]')
    .description('print a base URL that works, or say whether this one does')
    .option('--from <name>', 'from inside this container in place of this host', oneValue('--from'))
    .option('--env <name>', 'print NAME=URL', variable)
    .option('--json', 'as JSON, with what was tried')
    .option('--runtime <name>', 'docker or podman', choice('--runtime', ['docker', 'podman']))
    .option(
      '--timeout <ms>',
      `milliseconds for the whole (${defaultOptions.timeoutMs})`,
      milliseconds('--timeout'),
    )
    .option('--record <file>', 'save what was seen, to be replayed elsewhere', oneValue('--record'))
    .option('--replay <file>', 'ask a recording in place of this host', oneValue('--replay'))
    .allowExcessArguments(false)
    .action(async (text: string | undefined, typed: Typed) => {
      if (typed.json && typed.env !== undefined)
        throw usage('--json and --env contradict each other', 'give one of them');
      const question: UrlQuestion = {
        timeoutMs: typed.timeout ?? defaultOptions.timeoutMs,
        ...(text === undefined ? {} : { url: givenUrl(text) }),
        ...(typed.from === undefined ? {} : { from: typed.from }),
        ...(typed.runtime === undefined ? {} : { runtime: typed.runtime }),
      };
      const opened = await openRecorded(typed, world);
      let found: FoundUrl;
      try {
        found = await find(opened.machine, question);
      } finally {
        await opened.close();
      }
      outcome.exitCode = found.url === null ? 1 : 0;
      if (found.url === null) await print(world.stderr, reasons(found, question));
      if (typed.json) return print(world.stdout, renderJson({ schemaVersion: 1, tool, ...found }));
      if (found.url === null) return;
      const prefix = typed.env === undefined ? '' : `${typed.env}=`;
      return print(world.stdout, `${prefix}${found.url}\n`);
    });
}

async function find(machine: Machine, question: UrlQuestion): Promise<FoundUrl> {
  const { findUrl, AmbiguousContainerError } = await import('../../diagnosis/find-url.ts');
  const { UnknownContainerError } = await import('../../diagnosis/known-containers.ts');
  try {
    return await findUrl(machine, question);
  } catch (error) {
    if (error instanceof AmbiguousContainerError)
      throw usage(error.message, 'say which with --runtime, or give its id');
    if (!(error instanceof UnknownContainerError)) throw error;
    const [name = ''] = error.containers;
    throw usage(error.message, error.known.length === 0 ? '' : suggestion(name, error.known));
  }
}

/** The URL as clients write it: no slash at its end, no credentials, and no `/api`, which clients put there themselves. */
function givenUrl(text: string): string {
  const url = new URL(httpUrl('url')(text));
  return url.origin + url.pathname.replace(/\/api(?:\/.*)?$/u, '').replace(/\/+$/u, '');
}

/** A name that a shell takes: `OLLAMA_BASE_URL`. */
function variable(value: string): string {
  if (!/^[A-Za-z_]\w*$/u.test(value))
    throw usage(`--env takes the name of a variable, not '${value}'`, 'for example OLLAMA_BASE_URL');
  return value;
}

/** Why there is none, a line for each way with the step at which it died, and where to go from here. */
function reasons({ from, tried, problem }: FoundUrl, question: UrlQuestion): string {
  const name = from === 'host' ? undefined : from.slice('container:'.length);
  const place = name ?? 'this host';
  const head =
    question.url === undefined ? `no URL works from ${place}` : `${question.url} does not work from ${place}`;
  const lines = tried.map((one) => `${one.url}  ${one.detail}`);
  const suffix = name === undefined ? '' : ` --from ${name}`;
  const more =
    question.url === undefined
      ? `\`ollama-doctor${name === undefined ? '' : ` --container ${name}`}\` says why`
      : `\`ollama-doctor url${suffix}\` looks for one that does`;
  return [
    `ollama-doctor: ${visible(problem === undefined ? head : `${head}: ${problem}`)}`,
    ...[...lines, more].map((line) => `  ${visible(line)}`),
    '',
  ].join('\n');
}
