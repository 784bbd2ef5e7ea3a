import { trimSpace } from './go-host-port.ts';

/** Schemes that gin-contrib/cors takes without a star (its config.go, DefaultSchemas and ExtensionSchemas). */
const schemes = [
  'http://',
  'https://',
  'chrome-extension://',
  'safari-extension://',
  'moz-extension://',
  'ms-browser-extension://',
] as const;

export interface BadOrigin {
  entry: string;
  /** What it was most likely meant to be; absent where that cannot be told. */
  meant?: string;
}

/**
 * The entries of OLLAMA_ORIGINS that end the server as it starts: one with neither a star nor a known scheme, and one
 * with two stars (gin-contrib/cors, validateAllowedSchemas and parseWildcardRules; Ollama splits at commas and trims
 * nothing).
 */
export function badOrigins(value: string): BadOrigin[] {
  return entriesOf(value).flatMap((entry): BadOrigin[] => {
    const stars = entry.split('*').length - 1;
    if (stars > 1) {
      const meant = /^(https?:\/\/)\*[:.]\*$/u.exec(entry)?.[1];
      return [{ entry, ...(meant !== undefined && { meant: `${meant}*` }) }];
    }
    if (stars === 1 || schemes.some((scheme) => entry.startsWith(scheme))) return [];
    const bare = entry.trim();
    if (schemes.some((scheme) => bare.startsWith(scheme))) return [{ entry, meant: bare }];
    return [{ entry, ...(/^[\w.:[\]-]+$/u.test(bare) && { meant: `http://${bare}` }) }];
  });
}

/** The entries of a value as Ollama reads it: quotes and white space around it go, and it is split at commas. */
function entriesOf(value: string): string[] {
  const text = trimSpace(trimSpace(value).replace(/^["']+|["']+$/gu, ''));
  return text === '' ? [] : text.split(',');
}

/**
 * The value with one more origin let in, and nothing else. Extensions of browsers whose scheme the server does not know
 * (`safari-web-extension://`), and the origin `null`, cannot be named one by one.
 * @returns undefined where an entry for this very origin would end the server
 */
export function withOrigin(value: string | undefined, origin: string): string | undefined {
  if (origin === '' || badOrigins(origin).length > 0 || /[*,\s"'\\$`]/u.test(origin)) return undefined;
  return [...entriesOf(value ?? '').filter((entry) => entry !== ''), origin].join(',');
}

/** The value with each entry that ends the server as it was meant; undefined where that cannot be told of one of them. */
export function mendedOrigins(value: string): string | undefined {
  const bad = badOrigins(value);
  const meant = new Map(bad.map((one) => [one.entry, one.meant]));
  if (bad.length === 0 || [...meant.values()].includes(undefined)) return undefined;
  return entriesOf(value)
    .map((entry) => meant.get(entry) ?? entry)
    .join(',');
}
