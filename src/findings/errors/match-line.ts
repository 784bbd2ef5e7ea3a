import type { KnownError, Suspicion } from './known-error.ts';
import { isAboutAnotherServer } from './other-server.ts';
import { findPieces } from './pieces.ts';
import { type Place, placeIn } from './place.ts';
import { excerpt, plainLine, withoutSecrets } from './shown-line.ts';
import { knownErrors } from './table.ts';

/** A known message in a line. */
export interface Match {
  error: KnownError;
  /** Of the address in the line, when it names one. */
  place: Place | undefined;
  /** What to suspect, with that address. */
  suspicion: Suspicion;
  /** The line without secrets, cut to what can be read. */
  line: string;
}

/** The most specific known message in a line; undefined when it has none, or is about another server. Never throws. */
export function matchLine(raw: string): Match | undefined {
  const text = plainLine(raw);
  const small = text.toLowerCase();
  if (isAboutAnotherServer(small)) return undefined;
  for (const error of knownErrors) {
    const says = error.says.find((pieces) => findPieces(small, pieces) >= 0);
    if (says === undefined) continue;
    const shown = withoutSecrets(text);
    const place = placeIn(shown);
    const suspicion = (place === undefined ? undefined : error.at?.[place]) ?? error;
    const at = Math.max(0, findPieces(shown.toLowerCase(), says));
    return { error, place, suspicion, line: excerpt(shown, at) };
  }
  return undefined;
}
