import type { LoadedProject } from '../load/project.ts';
import type { Setting, Written } from '../model/model.ts';
import type { Span } from '../source.ts';
import type { Cure } from '../judge/finding.ts';
import type { Splice } from './splice.ts';

type SetUrl = Extract<Cure, { kind: 'set-url' }>;

/** The value that the variable or argument must have in the end; undefined when the service has no such one. */
export function wantedValue(project: LoadedProject, cure: SetUrl): string | undefined {
  return writtenFor(project, cure)?.value.replace(cure.from, () => cure.to);
}

function writtenFor(
  project: LoadedProject,
  { service, setting, from }: SetUrl,
): Written | Setting | undefined {
  const found = project.services.get(service);
  return found?.environment.get(setting) ?? found?.argv.find((word) => word.value.includes(from));
}

/**
 * Edits that may give a setting its new value, the most direct first: where the service writes it, then where the
 * variables in it get theirs. Each is tried on the whole project and kept only when it gives exactly what is wanted.
 */
export function setUrl(project: LoadedProject, cure: SetUrl): { splices: Splice[]; reason: string } {
  const written = writtenFor(project, cure);
  if (!written) return { splices: [], reason: `${cure.setting} is not there any more` };
  const places = placesOf(project, written, cure.setting);
  const splices = places.spans.flatMap((span) => piecesOf(cure).flatMap((piece) => replaced(span, piece)));
  return {
    splices,
    reason: places.reason ?? `how ${cure.setting} is put together is not understood`,
  };
}

/** The address as a whole, then its host with the port, then its host alone: defaults and variables often hold a part. */
function piecesOf({ from, to }: SetUrl): [string, string][] {
  const [oldOne, newOne] = [partsOf(from), partsOf(to)];
  return [
    [from, to],
    [oldOne.hostPort, newOne.hostPort],
    ...(oldOne.port === newOne.port ? ([[oldOne.host, newOne.host]] as [string, string][]) : []),
    ...(oldOne.host === newOne.host
      ? ([
          [`:${oldOne.port}`, `:${newOne.port}`],
          [oldOne.port, newOne.port],
        ] as [string, string][])
      : []),
  ].filter((pair): pair is [string, string] => pair[0] !== '' && pair[0] !== pair[1] && pair[0] !== ':');
}

function partsOf(address: string): { hostPort: string; host: string; port: string } {
  const [, hostPort = '', host = '', port = ''] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?((\[[^\]]*\]|[^:/]*)(?::(\d*))?)/iu.exec(address) ?? [];
  return { hostPort, host, port };
}

/** Where the text that counts is written: by the service, or in an env file that can be edited. */
function placesOf(
  project: LoadedProject,
  written: Written | Setting,
  name: string,
): { spans: Span[]; reason?: string } {
  const inherited = 'inherited' in written && written.inherited;
  const names = inherited ? [name] : written.variables.filter((one) => !one.replaced).map((one) => one.name);
  const origins = names.map((variable) => ({ variable, origin: project.variables.origin(variable) }));
  const files = origins.flatMap(({ origin }) => (origin?.from === 'file' ? [origin.entry.at] : []));
  const shell = origins.find(({ origin }) => origin?.from === 'shell');
  const reason =
    shell && `${shell.variable} is set in the shell, before any file: change it there, or unset it`;
  return {
    spans: [...(inherited ? [] : [written.at]), ...files],
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The piece in place of the old one, where the old one is there exactly once. */
function replaced({ source, start, end }: Span, [before, after]: [string, string]): Splice[] {
  const text = source.text.slice(start, end);
  const at = text.indexOf(before);
  if (at === -1 || text.includes(before, at + 1)) return [];
  return [{ path: source.path, start: start + at, end: start + at + before.length, text: after }];
}
