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
  const text = trimSpace(trimSpace(value).replace(/^["']+|["']+$/gu, ''));
  if (text === '') return [];
  return text.split(',').flatMap((entry): BadOrigin[] => {
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
