import { type Image, images, imageTarballs } from './images.ts';
import type { ExecResult } from './process.ts';

export interface NetworkPlan {
  name: string;
  subnet?: string;
  ipv6Subnet?: string;
  internal?: boolean;
  /** The compose project it says it belongs to. */
  project?: string;
}

export interface ContainerPlan {
  name: string;
  image?: Image | (string & {});
  network?: string;
  env?: Record<string, string>;
  /** `NAME:ADDRESS`, as --add-host takes them. */
  extraHosts?: readonly string[];
  /** The compose project, service and file it says it was made from. */
  compose?: { project: string; service: string; file?: string };
  labels?: Record<string, string>;
  restart?: 'no' | 'always' | 'unless-stopped';
  /** Sleeps for good when left out. */
  command?: readonly string[];
  /** More options of `docker run`. */
  options?: readonly string[];
}

/** What a request from inside a container came to, asked with the container's own python3. */
export type ContainerAnswer =
  | { outcome: 'answered'; status: number; body: string }
  | { outcome: 'refused' | 'timeout' | 'unreachable' | 'no-name' }
  | { outcome: 'error'; detail: string };

export interface Docker {
  /** Imports images the daemon does not have yet. Throws when that fails. */
  load: (...wanted: Image[]) => Promise<void>;
  createNetwork: (plan: NetworkPlan) => Promise<void>;
  /** Starts a container and returns its id. Throws when it does not start. */
  runContainer: (plan: ContainerPlan) => Promise<string>;
  exec: (container: string, argv: readonly string[]) => Promise<ExecResult>;
  /** GETs a URL from inside a container of an image with python3; 4 seconds when no time is given. */
  get: (container: string, url: string, timeoutMs?: number) => Promise<ContainerAnswer>;
  /** `docker inspect` of one container, network or image. Throws when there is no such thing. */
  inspect: (name: string) => Promise<Record<string, unknown>>;
  remove: (...containers: string[]) => Promise<void>;
}

const ask = `
import errno, json, socket, sys, urllib.error, urllib.request
def say(**answer):
    print(json.dumps(answer)); sys.exit()
url, timeout = sys.argv[1], float(sys.argv[2])
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with direct.open(url, timeout=timeout) as answer:
        say(outcome='answered', status=answer.status, body=answer.read().decode('utf-8', 'replace'))
except urllib.error.HTTPError as error:
    say(outcome='answered', status=error.code, body=error.read().decode('utf-8', 'replace'))
except (urllib.error.URLError, OSError) as error:
    reason = getattr(error, 'reason', error)
    if isinstance(reason, (TimeoutError, socket.timeout)): say(outcome='timeout')
    if isinstance(reason, socket.gaierror): say(outcome='no-name')
    number = getattr(reason, 'errno', None)
    if number == errno.ECONNREFUSED: say(outcome='refused')
    if number == errno.ETIMEDOUT: say(outcome='timeout')
    if number in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES): say(outcome='unreachable')
    say(outcome='error', detail=repr(reason))
`;

type Exec = (
  argv: readonly string[],
  options?: { input?: string; timeoutMs?: number },
) => Promise<ExecResult>;
type Must = (argv: readonly string[], options?: { input?: string }) => Promise<string>;

/**
 * @param exec runs a command in the host, as root, and never throws
 * @param must the same for one that must work
 * @param feed runs a command in the host with a file of this machine as its input; throws when it fails
 */
export function dockerOf(
  exec: Exec,
  must: Must,
  feed: (argv: readonly string[], file: string) => Promise<void>,
): Docker {
  const load = async (...wanted: Image[]): Promise<void> => {
    const tarballs = await imageTarballs();
    for (const image of wanted) {
      if ((await exec(['docker', 'image', 'inspect', image])).exitCode === 0) continue;
      const change = image === 'scratch:1' ? 'CMD ["/pause"]' : 'CMD ["sleep", "infinity"]';
      await feed(['docker', 'import', '--change', change, '-', image], tarballs[image]);
    }
  };
  return {
    load,
    createNetwork: async (plan) => {
      await must(['docker', 'network', 'create', ...networkOptions(plan), plan.name]);
    },
    runContainer: async (plan) => {
      const image = plan.image ?? 'app:1';
      const own = images.find((known) => known === image);
      if (own !== undefined) await load(own);
      return (
        await must(['docker', 'run', '-d', ...containerOptions(plan), image, ...(plan.command ?? [])])
      ).trim();
    },
    exec: (container, argv) => exec(['docker', 'exec', container, ...argv]),
    get: async (container, url, timeoutMs = 4000) => {
      const argv = ['docker', 'exec', container, 'python3', '-c', ask, url, String(timeoutMs / 1000)];
      const result = await exec(argv, { timeoutMs: timeoutMs + 15_000 });
      if (result.exitCode !== 0) return { outcome: 'error', detail: result.stderr.trim() };
      return JSON.parse(result.stdout) as ContainerAnswer;
    },
    inspect: async (name) => {
      const all = JSON.parse(await must(['docker', 'inspect', name])) as Record<string, unknown>[];
      return all[0] ?? {};
    },
    remove: async (...containers) => {
      await must(['docker', 'rm', '-f', ...containers]);
    },
  };
}

function networkOptions(plan: NetworkPlan): string[] {
  const labels: Record<string, string> =
    plan.project === undefined
      ? {}
      : { 'com.docker.compose.project': plan.project, 'com.docker.compose.network': plan.name };
  return [
    ...(plan.subnet === undefined ? [] : ['--subnet', plan.subnet]),
    ...(plan.ipv6Subnet === undefined ? [] : ['--ipv6', '--subnet', plan.ipv6Subnet]),
    ...(plan.internal === true ? ['--internal'] : []),
    ...labelOptions(labels),
  ];
}

function containerOptions(plan: ContainerPlan): string[] {
  const { compose } = plan;
  const file = compose?.file ?? `/srv/${compose?.project}/docker-compose.yml`;
  const labels: Record<string, string> = {
    ...plan.labels,
    ...(compose === undefined
      ? {}
      : {
          'com.docker.compose.project': compose.project,
          'com.docker.compose.service': compose.service,
          'com.docker.compose.project.config_files': file,
          'com.docker.compose.project.working_dir': file.replace(/\/[^/]*$/, ''),
          'com.docker.compose.container-number': '1',
          'com.docker.compose.oneoff': 'False',
        }),
  };
  return [
    '--name',
    plan.name,
    // A process 1 that heeds SIGTERM, or each shutdown would wait ten seconds for it.
    ...(plan.image === 'scratch:1' ? ['--stop-signal', 'SIGKILL'] : ['--init']),
    ...(plan.network === undefined ? [] : ['--network', plan.network]),
    ...(plan.restart === undefined ? [] : ['--restart', plan.restart]),
    ...Object.entries(plan.env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...(plan.extraHosts ?? []).flatMap((entry) => ['--add-host', entry]),
    ...labelOptions(labels),
    ...(plan.options ?? []),
  ];
}

function labelOptions(labels: Record<string, string>): string[] {
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
}
