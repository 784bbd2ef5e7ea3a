/** Ports of what stands in front of Ollama, or in its place. */
export const ports = {
  nginx: {
    foreignHost: 8081,
    refuses: 8082,
    gone: 8083,
    wantsKey: 8084,
    login: 8085,
    streams: 8086,
    page: 8087,
    tls: 8443,
  },
  caddy: { foreignHost: 8088, refuses: 8089, streams: 8090 },
} as const;

export const key = 'hunter2-Zq9';

/** Servers of `look-alike KIND`, and the words by which the doctor must know each. */
export const lookAlikes = {
  koboldcpp: /KoboldCpp/u,
  lemonade: /Lemonade/u,
  'llama-server': /llama\.cpp's llama-server/u,
  'llama-swap': /llama-swap/u,
  'lm-studio': /LM Studio/u,
  localai: /LocalAI/u,
  'docker-model-runner': /Docker Model Runner/u,
  fastflowlm: /FastFlowLM/u,
  vllm: /vLLM/u,
  'openai-style': /OpenAI-style API only/u,
  page: /a web page \("Router login"\)/u,
  garbage: /does not speak HTTP/u,
  reset: /takes the connection and cuts it off/u,
  silent: /takes the connection and does not answer/u,
  'lemonade-empty': /Lemonade/u,
} as const;

/** The port of a proxy that holds answers back until it has all of them. */
export const bufferingPort = 9090;

/** The port of a look-alike. */
export function portOf(kind: keyof typeof lookAlikes): number {
  return 9001 + Object.keys(lookAlikes).indexOf(kind);
}
