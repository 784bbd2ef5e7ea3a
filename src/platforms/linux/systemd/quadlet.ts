import type { Setting } from '../../../facts/service.ts';
import type { Machine } from '../../../machine/machine.ts';
import { joinHostPort } from '../../../ollama/go-host-port.ts';
import { parseOllamaHost } from '../../../ollama/host-setting.ts';
import { readSettings, valueInForce } from './settings.ts';
import { environmentEvents } from './unit-environment.ts';
import { parseUnitFile } from './unit-file.ts';

/** What the image `ollama/ollama` has where nothing else is set. */
const ofTheImage = '0.0.0.0:11434';

export interface Quadlet {
  settings: Setting[];
  /** Where this host listens for it: the published address and port, or the server's own on the host's network. */
  host?: string;
  dropIns: string[];
  /** The line that publishes the port, where one does. */
  publishedBy?: { file: string; line: number; text: string };
}

/**
 * A Podman quadlet: `Environment=`, `PublishPort=` and `Network=` of its [Container] section, drop-ins included
 * (podman-systemd.unit(5)).
 */
export async function readQuadlet(machine: Machine, path: string): Promise<Quadlet> {
  const folder = await machine.list(`${path}.d`);
  const names = folder.outcome === 'listed' ? folder.names.filter((name) => name.endsWith('.conf')) : [];
  const dropIns = names.map((name) => `${path}.d/${name}`);
  const texts = await Promise.all(
    [path, ...dropIns].map(async (file) => ({ path: file, text: await machine.read(file) })),
  );
  const sources = texts.flatMap(({ path: file, text }) =>
    text.outcome === 'read' ? [{ path: file, text: text.text }] : [],
  );
  const container = sources.map((source) => ({
    path: source.path,
    // The lines keep their numbers; what podman passes to the container is what [Service] is to a service.
    text: source.text
      .replace(/^(\s*)\[Service\]/gmu, '$1[X-Service]')
      .replace(/^(\s*)\[Container\]/gmu, '$1[Service]'),
  }));
  const settings = readSettings(environmentEvents(container), new Map());
  const host = listensOnHost(
    sources.flatMap(({ text }) => parseUnitFile(text)),
    valueInForce(settings, 'OLLAMA_HOST'),
  );
  const publishedBy = sources
    .flatMap((source) =>
      source.text
        .split('\n')
        .map((text, index) => ({ file: source.path, line: index + 1, text: text.trim() })),
    )
    .findLast(({ text }) => /^PublishPort\s*=.*\d/u.test(text));
  return { settings, dropIns, ...(host !== undefined && { host }), ...(publishedBy && { publishedBy }) };
}

function listensOnHost(
  lines: readonly { section: string | undefined; key: string; value: string }[],
  told: string | undefined,
): string | undefined {
  const values = (key: string): string[] =>
    lines.filter((line) => line.section === 'Container' && line.key === key).map(({ value }) => value);
  if (values('Network').at(-1) === 'host') return told ?? ofTheImage;
  const { port } = parseOllamaHost(told ?? ofTheImage);
  const published = values('PublishPort').map(parsePublished);
  const own =
    published.find((one) => one?.containerPort === port) ?? published.find((one) => one !== undefined);
  return own === undefined ? undefined : joinHostPort(own.address, own.hostPort);
}

/** `[[IP:]HOSTPORT:]CONTAINERPORT[/tcp]` (podman-run(1), --publish); undefined for ranges, UDP and random ports. */
export function parsePublished(
  text: string,
): { address: string; hostPort: number; containerPort: number } | undefined {
  const [, bracketed, plain, hostPort, containerPort] =
    /^(?:(?:\[([0-9A-Fa-f:]+)\]|([\d.]+)):)?(\d{1,5}):(\d{1,5})(?:\/tcp)?$/u.exec(text) ?? [];
  if (hostPort === undefined || containerPort === undefined) return undefined;
  return {
    address: bracketed ?? plain ?? '0.0.0.0',
    hostPort: Number(hostPort),
    containerPort: Number(containerPort),
  };
}
