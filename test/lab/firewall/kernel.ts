import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { installTools } from '../host/machine-tools.ts';
import type { RulesetInput } from '../../../src/firewall/index.ts';

export interface Syn {
  family: 4 | 6;
  iface: string;
  src: string;
  dst: string;
  sport: number;
  dport: number;
  ttl?: number;
  pad?: number;
}

export interface Job {
  nft?: string;
  v4nft?: string;
  v6nft?: string;
  v4legacy?: string;
  v6legacy?: string;
  sysctls?: Record<string, string>;
  /** Commands to run first, each an argument list; sets of ipset, say. */
  prepare?: string[][];
  /** False: the listings after the packets are not wanted. */
  counters?: boolean;
  /** Forget connections and recent lists ahead of each packet. */
  fresh?: boolean;
  packets: Syn[];
}

export interface Reply {
  /** The tool refused to load the ruleset. */
  error?: string;
  crash?: string;
  listings?: RulesetInput[];
  after?: RulesetInput[];
  outcomes?: string[];
}

/** Starts workers, each of which asks the kernel by itself. Installs what they need; throws when one does not come up. */
export async function startKernels(count: 1): Promise<[Kernel]>;
export async function startKernels(count: number): Promise<Kernel[]>;
export async function startKernels(count: number): Promise<Kernel[]> {
  await installTools();
  const kernels = Array.from({ length: count }, () => new Kernel());
  await Promise.all(kernels.map((kernel) => kernel.ready));
  return kernels;
}

/** One worker: a host of its own in network namespaces that end with it. */
export class Kernel {
  private readonly child: ChildProcess;
  private readonly waiting: ((line: string) => void)[] = [];
  readonly ready: Promise<unknown>;

  constructor() {
    this.child = spawn('python3', [fileURLToPath(new URL('worker.py', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ready = new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      this.child.once('error', reject);
      this.child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    });
    const { stdout } = this.child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.waiting.shift()?.(line));
  }

  async ask(job: Job): Promise<Reply> {
    const answered = new Promise<string>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${JSON.stringify(job)}\n`);
    return JSON.parse(await answered) as Reply;
  }

  /**
   * Loads and asks; a line that the tool refuses is taken out of the ruleset, which `job` then holds without it.
   * Random lines do not all make sense to the tool, and one that does not should not cost the whole ruleset.
   */
  async askRepaired(job: Job): Promise<Reply> {
    for (let tries = 0; ; tries++) {
      const reply = await this.ask(job);
      if (reply.error === undefined || tries === 12 || !dropLine(job, reply.error)) return reply;
    }
  }

  end(): void {
    this.child.stdin?.end();
  }
}

/** Lines that worker.py puts ahead of a ruleset for nft. */
const NFT_LINES = 4;

/** Takes the line out that an error message names; false when it names none. */
function dropLine(job: Job, error: string): boolean {
  const nft = /(?:\/dev\/stdin|<cmdline>|<buffer>):(\d+):/.exec(error);
  const save = /line (\d+)?:? ?(?:RULE_APPEND failed|failed)|Error occurred at line: (\d+)/.exec(error);
  for (const key of ['nft', 'v4nft', 'v6nft', 'v4legacy', 'v6legacy'] as const) {
    const text = job[key];
    const number = key === 'nft' ? Number(nft?.[1]) - NFT_LINES : Number(save?.[1] ?? save?.[2]);
    if (text === undefined || !Number.isInteger(number) || (key === 'nft') !== (nft !== null)) continue;
    const lines = text.split('\n');
    const bad = lines[number - 1] ?? '';
    if (key === 'nft' ? !bad.startsWith('  ') || bad.includes(' hook ') : !bad.startsWith('-A')) continue;
    lines.splice(number - 1, 1);
    job[key] = lines.join('\n');
    return true;
  }
  return false;
}
