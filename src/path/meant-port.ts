import type { OllamaService } from '../facts/service.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';

const usualPort = 11_434;

/**
 * The port that a setting of OLLAMA_HOST was meant to give, where it gives another one that nobody wrote: 80 or 443 by
 * a scheme without a port, the default of such a scheme in place of a bad one, and 0. A port that stands there in so
 * many words was meant, and so is none of these.
 * @returns undefined where the port in force is the one that was written
 */
export function meantPort(service: OllamaService): number | undefined {
  const told = service.processHost ? service.processHost.value : service.configuredHost;
  const setting = parseOllamaHost(told);
  if (setting.port === usualPort) return undefined;
  if (setting.port === 0) return usualPort;
  const written = new RegExp(`:\\+?0*${setting.port}(?:[/"'\\s]|$)`, 'u').test(told ?? '');
  // What systemd's log says of the setting has a port in it always.
  const isFromLog = service.processHost !== undefined && !service.processHost.source.startsWith('/proc/');
  if (isFromLog && (setting.port === 80 || setting.port === 443))
    return service.configuredHost === undefined || service.configuredHost === told
      ? undefined
      : meantPort({ ...service, processHost: { value: service.configuredHost, source: '/proc/' } });
  return written ? undefined : usualPort;
}
