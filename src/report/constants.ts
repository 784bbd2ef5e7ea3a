/** Version of the JSON report and of the error document; kept out of schema.ts so that reading it loads no zod. */
export const schemaVersion = 1;

/** The stations of a request on its way to a model, in order. */
export const hopNames = [
  'client',
  'name',
  'route',
  'firewall',
  'listener',
  'http',
  'ollama',
  'model',
] as const;
