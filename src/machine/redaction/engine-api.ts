import { keptArguments, keptEnvironment } from '../../runtimes/containers/environment.ts';
import { pick } from './json.ts';
import type { Shape } from './json.ts';

// What src/runtimes/ reads of each answer. Beside that, names and addresses that a person needs to understand it.

const composeLabels = {
  'com.docker.compose.project': true,
  'com.docker.compose.service': true,
  'com.docker.compose.project.config_files': true,
  'com.docker.compose.project.working_dir': true,
  'ollama-doctor': true,
} as const;

const network = {
  Name: true,
  Id: true,
  Driver: true,
  Scope: true,
  Internal: true,
  EnableIPv6: true,
  IPAM: { Driver: true, Config: true },
  Options: {
    'com.docker.network.bridge.name': true,
    'com.docker.network.bridge.default_bridge': true,
    network_interface: true,
  },
} as const;

const inspected = {
  Id: true,
  Name: true,
  Image: true,
  ImageName: true,
  State: { Status: true, Running: true, Pid: true },
  Config: { Image: true, Env: environment, Labels: composeLabels },
  HostConfig: { NetworkMode: true, ExtraHosts: true },
  NetworkSettings: { Networks: true, Ports: true },
} as const;

const shapes: readonly (readonly [RegExp, Shape])[] = [
  [/^\/_ping$/u, true],
  [
    /^\/version$/u,
    {
      Version: true,
      ApiVersion: true,
      Os: true,
      Arch: true,
      KernelVersion: true,
      Components: { Name: true, Version: true },
    },
  ],
  [
    /^\/info$/u,
    {
      ID: true,
      Name: true,
      OperatingSystem: true,
      KernelVersion: true,
      ServerVersion: true,
      SecurityOptions: true,
      FirewallBackend: true,
      Labels: productLabels,
    },
  ],
  [/^\/containers\/json$/u, { Id: true, Names: true, Image: true, State: true, Labels: composeLabels }],
  [/^\/containers\/[^/]+\/json$/u, container],
  [/^\/networks(?:\/[^/]+)?$/u, network],
  [/^\/images\/json$/u, { Id: true, RepoTags: true, Size: true }],
];

/** What is kept of an answer of a container engine's API, by path; undefined where the path is none of those read. */
export function engineShape(path: string): Shape | undefined {
  const bare = path.replace(/^\/v\d+(?:\.\d+)*(?=\/)/u, '').replace(/^\/libpod(?=\/)/u, '');
  return shapes.find(([fits]) => fits.test(bare))?.[1];
}

function container(value: unknown): unknown {
  const kept = pick(value, inspected);
  if (kept === null || typeof kept !== 'object' || Array.isArray(kept)) return kept;
  const { Path, Args } = value as { Path?: unknown; Args?: unknown };
  const program = typeof Path === 'string' ? Path : '';
  return {
    ...kept,
    Path: /^[\w./+-]*$/u.test(program) ? program : '(left-out)',
    Args: redactArguments(program, texts(Args)),
  };
}

/** Those that name an Ollama, and the words that tell a server from a client. */
function redactArguments(program: string, args: string[]): string[] {
  const argv = program === '' ? args : [program, ...args];
  const named = keptArguments(argv);
  const [, verb] = /(?:^|[\s/'"])ollama['"]?\s+(\w+)/u.exec(argv.join(' ')) ?? [];
  const words = verb === undefined ? [] : ['ollama', ollamaVerbs.has(verb) ? verb : 'other'];
  const curl = /\bcurl\b/u.test(argv.join(' ')) ? ['curl'] : [];
  return named.length + words.length + curl.length === 0 ? [] : ['--', ...named, ...words, ...curl];
}

const ollamaVerbs = new Set([
  'serve',
  'start',
  'run',
  'pull',
  'push',
  'list',
  'ps',
  'show',
  'create',
  'cp',
  'rm',
  'stop',
]);

function environment(value: unknown): string[] {
  const lines = texts(value);
  const kept = Object.entries(keptEnvironment(lines)).map(([name, text]) => `${name}=${text}`);
  return [...kept, ...lines.filter((line) => /^USE_OLLAMA_DOCKER=true$/iu.test(line))];
}

/** Of a daemon's labels those that say which product it is. */
function productLabels(value: unknown): string[] {
  const known = /^(?:cloud\.docker\.run\.|com\.docker\.desktop\.address=)/u;
  return texts(value).filter((label) => known.test(label));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
