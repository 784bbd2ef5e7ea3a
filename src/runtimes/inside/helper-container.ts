import type { ContainerCreateOptions } from 'dockerode';
import type { Container } from '../../facts/containers.ts';
import { helperLabel } from '../containers/read.ts';
import type { EngineClient } from '../docker/client.ts';
import { fields, list, number, texts, words } from '../docker/fields.ts';
import { splitStreams } from '../docker/stream.ts';
import { parseProbe } from '../probers/protocol.ts';
import { shellCommand } from './exec.ts';
import type { Job } from './job.ts';
import type { Way, WayResult } from './way.ts';

/** Images tried before giving up; each costs a container's start. */
const imagesAtMost = 4;

/** Python on top of the smallest Debian is about 45 MB. */
const distributionBytes = 30_000_000;

/** Where the helper stands: in another container's network, or on the default network with a way to the host. */
export type HelperPlace = { networkOf: Container } | { network: string; extraHosts: string[] };

/**
 * A container of our own in the other one's network, made from an image that is already here and removed again: nothing
 * is pulled. It has no capabilities and no volumes, and a read-only root. One that an interrupted run left is removed
 * first (by label, never by name). For containers whose image holds no tool where the host's way in is closed as well.
 */
export function helperWay(client: EngineClient, place: HelperPlace, label: string): Way {
  let images: Promise<string[]> | undefined;
  return {
    async probe(job): Promise<WayResult> {
      try {
        images ??= sweep(client).then(async () => readImages(await client.listImages()));
        const own = 'networkOf' in place ? place.networkOf.image : undefined;
        const candidates = (await images).filter((image) => image !== own).slice(0, imagesAtMost);
        for (const [index, image] of candidates.entries()) {
          const report = await probeWith(client, place, image, job);
          if (report === undefined) continue;
          if (index > 0) images = Promise.resolve([image]);
          const via = `a helper container (${image}) ${label}`;
          return { state: 'reported', report, via };
        }
        return { state: 'impossible', reason: 'no image here holds a tool for a helper container' };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { state: 'impossible', reason: `a helper container could not be started: ${message}` };
      }
    },
  };
}

async function probeWith(
  client: EngineClient,
  place: HelperPlace,
  image: string,
  job: Job,
): Promise<ReturnType<typeof parseProbe>> {
  const name = `ollama-doctor-probe-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const id = await client.createContainer(name, helperOptions(place, image, shellCommand(job, [])));
  try {
    const output = client.attach(id);
    // Attached before the start, so that no word is lost; a failed start ends the attach, whose error is then moot.
    output.catch(() => undefined);
    await client.startContainer(id);
    const { stdout, stderr } = splitStreams(await output);
    const report = parseProbe(stdout, stderr.toString('utf8'), job.mode);
    return report?.tool === 'none' || report?.complete !== true ? undefined : report;
  } catch (error) {
    // An image without a shell cannot be started this way; the next one may.
    if (error instanceof Error && /executable file|no such file|OCI runtime/iu.test(error.message))
      return undefined;
    throw error;
  } finally {
    await client.removeContainer(id).catch(() => undefined);
  }
}

/** What the helper is made of; exported for its test, as it is what must never grow a privilege. */
export function helperOptions(
  place: HelperPlace,
  image: string,
  argv: readonly string[],
): ContainerCreateOptions {
  const network =
    'networkOf' in place
      ? { NetworkMode: `container:${place.networkOf.id}` }
      : { NetworkMode: place.network, ExtraHosts: place.extraHosts };
  return {
    Image: image,
    Entrypoint: argv.slice(0, 1),
    Cmd: argv.slice(1),
    Env: ['LC_ALL=C'],
    User: '65534',
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Labels: { [helperLabel.name]: helperLabel.value },
    HostConfig: {
      ...network,
      AutoRemove: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'no' },
    },
  };
}

async function sweep(client: EngineClient): Promise<void> {
  const left = list(await client.listLeftHelpers(`${helperLabel.name}=${helperLabel.value}`));
  // This run's own may be at work at this very moment, for another container.
  const own = `ollama-doctor-probe-${process.pid}-`;
  const ids = left
    .filter((item) => !texts(fields(item)['Names']).some((name) => name.includes(own)))
    .flatMap((item) => words(fields(item)['Id']) ?? []);
  await Promise.all(ids.map((id) => client.removeContainer(id).catch(() => undefined)));
}

/**
 * Images that most likely hold a tool first: those whose names say so, then those large enough for a distribution,
 * small before large. Below that are single programs.
 */
export function readImages(answer: unknown): string[] {
  const known = /python|node|curl|netshoot|alpine|debian|ubuntu|ollama|open-webui|n8n|nginx|postgres|redis/iu;
  const rank = (tag: string, size: number): number =>
    known.test(tag) ? 0 : size >= distributionBytes ? 1 : 2;
  return list(answer)
    .flatMap((item) => {
      const image = fields(item);
      const tag = texts(image['RepoTags']).find((one) => !one.includes('<none>'));
      const size = number(image['Size']) ?? Number.POSITIVE_INFINITY;
      return tag === undefined ? [] : [{ tag, size, rank: rank(tag, size) }];
    })
    .sort((a, b) => a.rank - b.rank || a.size - b.size)
    .map((image) => image.tag);
}
