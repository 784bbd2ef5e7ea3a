import type { Report } from '../../../src/report/schema.ts';
import { bufferingPort, lookAlikes, portOf, ports } from './answer-ports.ts';

/** A state of what answers: how the doctor is asked about it, and what it must say. */
export interface AnswerState {
  /** The command line, without `--json` and where the recording is. */
  words: readonly string[];
  check: 'ollama-api' | 'models';
  /** Undefined: every row of the report passes, and nothing is complained of. */
  code?: string;
  status?: 'fail' | 'warn';
  /** The subject of the row; `host` when it is not given. */
  subject?: string;
  says: RegExp;
  /** What must stand in the instructions. */
  tells?: string;
  /** What must stand nowhere in the report. */
  never?: RegExp;
}

const api = ['--only', 'ollama-api'];
const withModels = ['--only', 'ollama-api,models'];
const url = (port: number): string => `http://127.0.0.1:${port}`;

const at = (port: number | string, ...words: string[]): readonly string[] => [
  ...api,
  '--url',
  typeof port === 'number' ? url(port) : port,
  ...words,
];

const codeOf = { silent: 'api-timeout', reset: 'api-error' } as const;

const namedServers = Object.fromEntries(
  (Object.entries(lookAlikes) as [keyof typeof lookAlikes, RegExp][]).map(
    ([kind, says]): [string, AnswerState] => [
      `answers-${kind}`,
      {
        words: at(portOf(kind)),
        check: 'ollama-api',
        code: kind === 'silent' || kind === 'reset' ? codeOf[kind] : 'not-ollama',
        says,
      },
    ],
  ),
);

/** States that the host of test/lab/scenarios/answers.ts has from its start. */
export const standingStates: Readonly<Record<string, AnswerState>> = {
  'answers-ollama': { words: at(11_434), check: 'ollama-api', says: /^Ollama \S+ answers at/u },
  ...namedServers,
  'answers-nginx-foreign-host': {
    words: at(ports.nginx.foreignHost),
    check: 'ollama-api',
    code: 'forbidden-host',
    says: /whatever name it is asked by|refuses the name/u,
    tells: 'proxy_set_header Host localhost:11434;',
  },
  // Caddy's own 403 has no body either, so whose it is cannot be told; the words are for both.
  'answers-caddy-foreign-host': {
    words: at(ports.caddy.foreignHost),
    check: 'ollama-api',
    code: 'api-error',
    says: /Caddy, or Ollama behind it, refuses/u,
    tells: 'header_up Host localhost:11434',
  },
  'answers-nginx-refuses': {
    words: at(ports.nginx.refuses),
    check: 'ollama-api',
    code: 'api-error',
    says: /nginx.* refuses the request \(403\)/u,
  },
  'answers-caddy-refuses': {
    words: at(ports.caddy.refuses),
    check: 'ollama-api',
    code: 'api-error',
    says: /Caddy, or Ollama behind it, refuses/u,
  },
  'answers-nginx-gone': {
    words: at(ports.nginx.gone),
    check: 'ollama-api',
    code: 'api-error',
    says: /nginx.* got no answer from the server behind it \(502\)/u,
    tells: 'see where nginx',
  },
  'answers-login': {
    words: at(ports.nginx.login),
    check: 'ollama-api',
    code: 'api-error',
    says: /wants credentials \(302\)/u,
    never: /next=secret/u,
  },
  'answers-wants-key': {
    words: at(ports.nginx.wantsKey),
    check: 'ollama-api',
    code: 'api-error',
    says: /wants credentials \(401\)/u,
    tells: 'OLLAMA_DOCTOR_HEADER=',
  },
  'answers-nginx-page': {
    words: at(ports.nginx.page),
    check: 'ollama-api',
    code: 'not-ollama',
    says: /Welcome to nginx!/u,
  },
  'answers-through-nginx': {
    words: at(ports.nginx.streams),
    check: 'ollama-api',
    says: /^Ollama \S+ answers at/u,
  },
  'answers-through-caddy': {
    words: at(ports.caddy.streams),
    check: 'ollama-api',
    says: /^Ollama \S+ answers at/u,
  },
  'answers-https-asked': {
    words: at('https://127.0.0.1:11434'),
    check: 'ollama-api',
    code: 'api-error',
    says: /Ollama speaks plain http/u,
    tells: 'use http://127.0.0.1:11434',
  },
  'answers-tls-wanted': {
    words: at(ports.nginx.tls),
    check: 'ollama-api',
    code: 'not-ollama',
    says: /wants TLS/u,
    tells: `use https://127.0.0.1:${ports.nginx.tls}`,
  },
  'answers-origin-foreign': {
    words: [...api, '--origin', 'http://192.0.2.7:3000'],
    check: 'ollama-api',
    code: 'forbidden-origin',
    says: /answers 403 to a page of http:\/\/192\.0\.2\.7:3000, and not without it/u,
    tells: 'OLLAMA_ORIGINS=http://192.0.2.7:3000',
  },
  'answers-origin-known': {
    words: [...api, '--origin', 'http://localhost:3000'],
    check: 'ollama-api',
    says: /^Ollama \S+ answers at/u,
  },
  'answers-version-too-old': {
    words: at(11_434, '--require-version', '>=99'),
    check: 'ollama-api',
    code: 'version-mismatch',
    says: />=99/u,
  },
  'answers-version-fits': {
    words: at(11_434, '--require-version', '>=0.1'),
    check: 'ollama-api',
    says: /^Ollama \S+ answers at/u,
  },
  'models-listed': {
    words: withModels,
    check: 'models',
    says: /2 models \(1 for chat, 1 for embeddings, 2\.3 GB\)/u,
  },
  'models-required-there': {
    words: [...withModels, '--require-model', 'llama3.2'],
    check: 'models',
    says: /2 models/u,
  },
  'models-near-name': {
    words: [...withModels, '--require-model', 'lama3.2'],
    check: 'models',
    code: 'model-missing',
    says: /lama3\.2.*llama3\.2/u,
  },
};

/** States that a test of test/lab/answers.lab.ts makes first. */
export const preparedStates = {
  'answers-key-given': {
    words: at(ports.nginx.wantsKey),
    check: 'ollama-api',
    says: /^Ollama \S+ answers at/u,
  },
  'models-in-other-folder': {
    words: [...withModels, '--require-model', 'mistral:7b'],
    check: 'models',
    code: 'model-missing',
    says: /\/root\/\.ollama\/models has it/u,
  },
  'models-of-container': {
    words: [],
    check: 'models',
    code: 'model-missing',
    status: 'warn',
    subject: 'container:app',
    says: /there is llama3\.2:latest/u,
  },
  'models-of-container-there': {
    words: withModels,
    check: 'models',
    subject: 'container:fine',
    says: /there, as it wants/u,
  },
  'answers-forbidden-to-container': {
    words: [],
    check: 'ollama-api',
    code: 'forbidden-host',
    subject: 'host',
    says: /ollama\.example\.com/u,
  },
  'generate-straight': {
    words: [...withModels, '--url', url(11_434), '--generate', 'llama3.2'],
    check: 'models',
    says: /first token after .*, 8 in .*; it runs 50 % on the CPU and 50 % on the GPU/u,
  },
  'generate-buffered': {
    words: [...withModels, '--url', url(bufferingPort), '--generate', 'llama3.2'],
    check: 'models',
    code: 'stream-buffered',
    status: 'warn',
    says: /./u,
  },
  'generate-embedding': {
    words: [...withModels, '--url', url(11_434), '--generate', 'nomic-embed-text'],
    check: 'models',
    says: /an embedding of 768 numbers/u,
  },
  'generate-slow': {
    words: [...withModels, '--generate', 'llama3.2', '--timeout', '6000'],
    check: 'models',
    code: 'generate-slow',
    says: /it is not loaded yet/u,
  },
  'generate-no-memory': {
    words: [...withModels, '--generate', 'llama3.2'],
    check: 'models',
    code: 'generate-failed',
    says: /requires more system memory/u,
  },
} as const satisfies Record<string, AnswerState>;

/** What a report has otherwise than a state asks for, a line each: none where it says what it must and nothing more. */
export function wrongIn(report: Report, state: AnswerState): string[] {
  const { check, code, says, tells = '', never, subject = 'host', status = 'fail' } = state;
  const wanted = code === undefined ? 'pass' : status;
  const wrong = report.checks
    .filter((one) => code === undefined && one.status !== 'pass' && one.status !== 'not-applicable')
    .map((one) => `no complaint was due: ${one.id} ${one.subject} ${one.status} ${one.summary}`);
  const rows = report.checks.filter(
    (one) => one.id === check && one.subject === subject && one.code === code && one.status === wanted,
  );
  const row = rows.find((one) => says.test(one.summary));
  if (row === undefined)
    wrong.push(`no ${wanted} of ${check}, ${code}, in ${JSON.stringify(report.checks, null, 1)}`);
  else if (!row.instructions.join('\n').includes(tells))
    wrong.push(`not told: ${row.instructions.join('\n')}`);
  if (never?.test(JSON.stringify(report)) === true) wrong.push(`it has ${never.source}`);
  const causes = report.causes.map((cause) => cause.code).join(', ');
  if (causes !== (wanted === 'fail' ? code : '')) wrong.push(`causes: ${causes}`);
  return wrong;
}
