import { readVariables } from '../environment-variables.ts';
import { cutCredentials } from './urls.ts';

const proxyName = /^(?:HTTP|HTTPS|ALL|NO|FTP)_PROXY$/iu;
const secretName = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|HEADER/iu;

/**
 * Whether the doctor reads a variable of a server or of a host: Ollama's own (without its keys), the proxies, and those
 * it reads of its own process.
 */
export function isReadName(name: string): boolean {
  const bare = name.replace(/^[^A-Za-z_]+/u, '');
  if (secretName.test(bare)) return false;
  return /^OLLAMA_\w+$/u.test(bare) || proxyName.test(bare) || readVariables.some((one) => one === bare);
}

/** A kept value without the credentials in it: `http://user:pass@h` and `user:pass@h` become `http://h` and `h`. */
export function withoutCredentials(value: string): string {
  return cutCredentials(value).replace(/(^|[\s"'=,;])[^/\s@"'=,;]*:[^/\s@"']*@/gu, '$1');
}
