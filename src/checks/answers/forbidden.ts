import type { Finding } from '../../engine/check.ts';
import { settingInForce } from '../../facts/in-force.ts';
import type { ApiAnswer, Asked } from '../../facts/api.ts';
import type { OllamaService } from '../../facts/service.ts';
import { setByHand } from '../../findings/set-by-hand.ts';
import { withOrigin } from '../../ollama/origin-setting.ts';
import { hasSettingPlace } from '../../path/setting-place.ts';

type Forbidden = Extract<ApiAnswer, { kind: 'forbidden' }>;

/** How each proxy is told to send a Host that Ollama takes; the words of Ollama's FAQ, and of each manual. */
const hostWords: readonly [RegExp, string][] = [
  [/nginx|openresty/iu, 'in nginx, where it forwards to Ollama: proxy_set_header Host localhost:11434;'],
  [/caddy/iu, 'in the Caddyfile, within reverse_proxy: header_up Host localhost:11434'],
  [/apache/iu, 'in Apache: ProxyPreserveHost Off, with ProxyPass / http://127.0.0.1:11434/'],
  [/cloudflare/iu, 'cloudflared tunnel --url http://localhost:11434 --http-host-header="localhost:11434"'],
  [
    /traefik/iu,
    "in Traefik: passHostHeader: false under the service's loadBalancer (label traefik.http.services.NAME.loadbalancer.passhostheader=false)",
  ],
  [/ngrok/iu, 'ngrok http 11434 --host-header="localhost:11434"'],
];

/**
 * Ollama's own 403 about a Host: it takes any address of this host or of a private network, localhost, its own host name
 * and names that end in .localhost, .local or .internal, and only while it listens on loopback (server/routes.go,
 * allowedHostsMiddleware).
 */
export function forbiddenHost(answer: Forbidden, { url, evidence }: Asked): Finding {
  const name = hostOf(url);
  const by = answer.by === undefined ? '' : `, brought by ${answer.by}`;
  const unsure = answer.because === 'unknown';
  return {
    status: 'fail',
    code: 'forbidden-host',
    summary: unsure
      ? `${url} answers 403 with an empty body${by}, whatever name it is asked by: Ollama does so for a Host it does not know, and only while it listens on loopback${answer.by === undefined ? '' : `; a 403 of ${answer.by} itself would be a page`}`
      : `Ollama refuses the name ${name} (403${by}), and answers to localhost: while it listens on loopback it takes its own addresses, localhost, and names in .localhost, .local and .internal`,
    evidence,
    instructions: [
      hostMend(answer.by),
      `or ask it by a name that it takes: http://127.0.0.1:11434 on this host, http://host.docker.internal:11434 from a container`,
      'or let it listen beyond loopback (OLLAMA_HOST=0.0.0.0:11434), with a firewall in front: then it takes any name',
    ],
  };
}

/** The proxy's own words for it; those of the commonest where none signed the answer. */
export function hostMend(by: string | undefined): string {
  const known = hostWords.find(([pattern]) => pattern.test(by ?? ''))?.[1];
  return (
    known ??
    'have the proxy or tunnel in front send Host: localhost:11434 (nginx: proxy_set_header Host localhost:11434; Caddy: header_up Host localhost:11434; Traefik, which signs nothing: passHostHeader: false)'
  );
}

/**
 * Ollama's own 403 about the page that asks: OLLAMA_ORIGINS (gin-contrib/cors).
 * @param service who starts the server, where that is known: what it is told now, and where it is told more
 */
export function forbiddenOrigin(
  origin: string,
  service: OllamaService | undefined,
  { url, evidence }: Asked,
): Finding {
  const told = settingInForce(service?.settings, 'OLLAMA_ORIGINS');
  const exact = withOrigin(told?.value, origin);
  const value = exact ?? [...(told ? [told.value] : []), origin.replace(/:\/\/.*$/u, '://*')].join(',');
  const runs = service?.state === 'running';
  return {
    status: 'fail',
    code: 'forbidden-origin',
    summary: `${url} answers 403 to a page of ${origin}, and not without it: OLLAMA_ORIGINS does not have this origin${told === undefined ? '' : ` (it is ${told.value})`}`,
    evidence: [...evidence, ...(told ? [{ source: `${told.file}:${told.line}`, text: told.text }] : [])],
    ...(runs && exact !== undefined && hasSettingPlace(service) ? { recipe: 'allow-origin' } : {}),
    instructions: setByHand(runs ? service : undefined, { variable: 'OLLAMA_ORIGINS', value }),
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
