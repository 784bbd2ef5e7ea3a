import type { ContainerCreateOptions, ContainerInspectInfo, ExecCreateOptions } from 'dockerode';
import type { Machine } from '../../machine/machine.ts';
import { parseEndpoint } from './address.ts';
import { fields, words } from './fields.ts';
import { type Dial, engineModem } from './modem.ts';

/**
 * The calls the doctor makes of an engine's API. Answers are what came over the wire and are read by the pure readers
 * beside this file, since Podman and old engines leave fields out that dockerode's types promise.
 * Every method rejects with an `EngineError` and nothing else.
 */
export interface EngineClient {
  version(): Promise<unknown>;
  info(): Promise<unknown>;
  /** All containers, stopped ones included. */
  listContainers(): Promise<unknown>;
  listNetworks(): Promise<unknown>;
  /** Podman's own list, which Docker does not have. */
  listPodmanNetworks(): Promise<unknown>;
  listImages(): Promise<unknown>;
  inspectContainer(id: string): Promise<unknown>;
  /** Files of the container as a tar, without running anything in it. */
  archive(id: string, path: string): Promise<Buffer>;
  /** Runs a program in the container and waits: its multiplexed output, and the id to ask for its exit code. */
  exec(id: string, argv: readonly string[]): Promise<{ id: string; output: Buffer }>;
  /** The last lines of a container's output, multiplexed, without anything running in it. */
  logs(id: string, lines: number): Promise<Buffer>;
  execExitCode(execId: string): Promise<number | undefined>;
  /** Makes a container of our own; the caller removes it. */
  createContainer(name: string, options: ContainerCreateOptions): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** A container's multiplexed output, until it ends. */
  attach(id: string): Promise<Buffer>;
  removeContainer(id: string): Promise<void>;
  /** `/images/ID/json`. */
  inspectImage(id: string): Promise<unknown>;
  /** Our own helpers that an interrupted run left, by label. */
  listLeftHelpers(label: string): Promise<unknown>;
}

/**
 * dockerode over a {@link Machine}. Loaded on first use.
 *
 * @param timeoutMs deadline of each single call; an exec or attach call lasts as long as the program runs.
 */
export async function engineClient(
  machine: Machine,
  endpoint: string,
  timeoutMs = 3500,
): Promise<EngineClient> {
  const [{ default: ContainerHandle }, { default: ExecHandle }] = await Promise.all([
    import('dockerode/lib/container.js'),
    import('dockerode/lib/exec.js'),
  ]);
  const modem = engineModem(machine, parseEndpoint(endpoint), timeoutMs);
  const dial = (call: Dial): Promise<unknown> =>
    new Promise((resolve, reject) => {
      modem.dial(call, (error, data) => {
        if (error === null) resolve(data);
        else reject(error);
      });
    });
  const handle = (id: string): InstanceType<typeof ContainerHandle> =>
    new ContainerHandle(modem, encodeURIComponent(id));
  const get = (path: string, options: Record<string, unknown> = {}): Promise<unknown> =>
    dial({ path: `${path}?`, method: 'GET', options });

  return {
    version: () => get('/version'),
    info: () => get('/info'),
    listContainers: () => get('/containers/json', { all: 1 }),
    listNetworks: () => get('/networks'),
    // Its own calls exist with a version only; any from 4.0 on gives this one the same.
    listPodmanNetworks: () => get('/v4.0.0/libpod/networks/json'),
    listImages: () => get('/images/json'),
    inspectImage: (id) => get(`/images/${encodeURIComponent(id)}/json`),
    inspectContainer: (id): Promise<ContainerInspectInfo> => handle(id).inspect(),
    // Our modem hands bytes over as a Buffer, where docker-modem gives a stream.
    archive: async (id, path) => asBytes(await handle(id).getArchive({ path })),
    async exec(id, argv) {
      const options: ExecCreateOptions = {
        AttachStdout: true,
        AttachStderr: true,
        Cmd: [...argv],
        Env: ['LC_ALL=C'],
      };
      const exec = await handle(id).exec(options);
      return { id: exec.id, output: asBytes(await exec.start({ Detach: false, Tty: false })) };
    },
    logs: async (id, lines) =>
      asBytes(
        await dial({
          path: `/containers/${encodeURIComponent(id)}/logs?`,
          method: 'GET',
          isStream: true,
          options: { stdout: 1, stderr: 1, tail: lines },
        }),
      ),
    async execExitCode(execId) {
      const seen = await new ExecHandle(modem, encodeURIComponent(execId)).inspect();
      return typeof seen?.ExitCode === 'number' ? seen.ExitCode : undefined;
    },
    async createContainer(name, options) {
      const answer = await dial({
        path: '/containers/create?',
        method: 'POST',
        options: { _query: { name }, _body: options },
      });
      return words(fields(answer)['Id']) ?? name;
    },
    async startContainer(id) {
      await handle(id).start();
    },
    attach: async (id) =>
      asBytes(
        await dial({
          path: `/containers/${encodeURIComponent(id)}/attach?`,
          method: 'POST',
          isStream: true,
          options: { _query: { logs: 1, stream: 1, stdout: 1, stderr: 1 } },
        }),
      ),
    async removeContainer(id) {
      await handle(id).remove({ force: true, v: true });
    },
    listLeftHelpers: (label) => get('/containers/json', { all: 1, filters: { label: [label] } }),
  };
}

function asBytes(data: unknown): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.alloc(0);
}
