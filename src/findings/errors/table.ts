import { answers } from './answers.ts';
import { applications } from './applications.ts';
import { clients } from './clients.ts';
import { engines } from './engines.ts';
import type { KnownError } from './known-error.ts';
import { gaveUp } from './gave-up.ts';
import { names } from './names.ts';
import { noConnection } from './no-connection.ts';
import { perhapsOllama } from './perhaps.ts';
import { serverStart } from './server-start.ts';
import { slowAnswers } from './slow-answers.ts';

/**
 * Messages that programs are known to print, the more specific before the more general: of a line that holds several
 * the first one counts. Facts about the network stand before what an application makes of them, and an answer that was
 * given before a connection that was not, as some clients speak of a "connection" in either case.
 */
export const knownErrors: readonly KnownError[] = [
  ...serverStart,
  ...engines,
  ...names,
  ...answers,
  ...perhapsOllama,
  ...gaveUp,
  ...noConnection,
  // Go says "awaiting headers" of a connection that was not made as well; what says so more exactly is above.
  ...slowAnswers,
  ...clients,
  ...applications,
];
