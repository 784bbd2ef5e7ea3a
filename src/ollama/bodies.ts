import type { OllamaModel } from '../facts/api.ts';

/** More than any answer of Ollama's nests; what is built deeper can be neither walked nor written without end of stack. */
const deepest = 200;

/** The JSON value of a body, or undefined when it is none, or nests deeper than any answer of a server does. Never throws. */
export function readJson(body: string): unknown {
  if (nestsDeeperThan(deepest, body)) return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether brackets outside of strings stand deeper than so many in each other; one pass, whatever the text. */
function nestsDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isInString) {
      if (char === '\\') at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** A field of a JSON object, or undefined for anything else. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** The version in a body of `GET /api/version`: `{"version":"0.5.1"}`. */
export function readVersion(body: string): string | undefined {
  const version = field(readJson(body), 'version');
  return typeof version === 'string' && /^[\w.+-]{1,64}$/u.test(version) ? version : undefined;
}

/**
 * The models in a body of `GET /api/tags`. `{"models":null}` is an empty list; fields that a server leaves out or
 * gives another type (llama-server has `"size":""`) are left out. Old servers have `name` alone, newer ones `model` too.
 * @returns undefined when the body is no such list
 */
export function readModels(body: string): OllamaModel[] | undefined {
  const listing = readJson(body);
  const models = field(listing, 'models');
  if (models === null) return [];
  return Array.isArray(models) ? models.flatMap(readModel) : undefined;
}

/** The text of Ollama's own error body: `{"error":"text"}`, under /v1 `{"error":{"message":"text"}}`. */
export function readError(body: string): string | undefined {
  const error = field(readJson(body), 'error');
  const text = typeof error === 'object' ? field(error, 'message') : error;
  return typeof text === 'string' ? text : undefined;
}

/** True for what a browser would show as a page. */
export function isHtml(body: string, contentType: string | undefined): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml|!--)/iu.test(body) || /\bhtml\b/iu.test(contentType ?? '');
}

/** The title of a web page, without line breaks and at most 80 characters. */
export function pageTitle(body: string): string | undefined {
  const title = /<title[^>]*>([^<]{1,400})/iu.exec(body)?.[1]?.replace(/\s+/gu, ' ').trim();
  return title ? title.slice(0, 80) : undefined;
}

function readModel(model: unknown): OllamaModel[] {
  const name = [field(model, 'name'), field(model, 'model')].find((one) => typeof one === 'string' && one);
  if (typeof name !== 'string') return [];
  const size = field(model, 'size');
  const family = field(field(model, 'details'), 'family');
  const capabilities = field(model, 'capabilities');
  return [
    {
      name,
      ...(typeof size === 'number' && { size }),
      ...(typeof family === 'string' && family && { family }),
      ...(Array.isArray(capabilities) && {
        capabilities: capabilities.filter((one) => typeof one === 'string'),
      }),
    },
  ];
}
