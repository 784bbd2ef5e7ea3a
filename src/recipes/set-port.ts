import { settingInForce } from '../facts/in-force.ts';
import type { OllamaService } from '../facts/service.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { planBind } from './bind-all-interfaces.ts';
import { meantPort } from '../path/meant-port.ts';
import { type Outcome, type Recipe, refusal } from './recipe.ts';

const id = 'set-port';

/**
 * Gives Ollama the port that was meant, where `http://` in front of the address made it another one, in the place that
 * is in force; the new port is closed to everyone but this host and the containers in the same step. A port that was
 * written down is somebody's wish: what to type is said in its place.
 */
export const setPort: Recipe = {
  id,
  cures: ['bind-wrong-port', 'crash-loop'],
  async plan(planning, causes): Promise<Outcome> {
    const [services, server] = await Promise.all([planning.facts.services(), planning.facts.server()]);
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const own = causes.filter(({ code, recipe }) => code === 'bind-wrong-port' || recipe === id);
    if (own.length === 0) return { refusals: [] };
    const port = service ? meantPort(service) : undefined;
    if (!service || port === undefined)
      return refusal(id, `port ${server.port} was written down for it, so somebody may count on it`, [
        service
          ? whereToWrite(service)
          : 'start it with OLLAMA_HOST=0.0.0.0:11434, or give the client its port',
      ]);
    // Planned already, together with the address.
    if (planning.draft.port !== undefined) return { refusals: [] };
    const told = parseOllamaHost(service.processHost ? service.processHost.value : service.configuredHost);
    const host = told.listensOn.kind === 'all' ? '0.0.0.0' : told.host;
    return planBind(planning, own, { id, service, server, host, port });
  },
};

function whereToWrite(service: OllamaService): string {
  const setting = settingInForce(service.settings, 'OLLAMA_HOST');
  const { host } = parseOllamaHost(setting?.value);
  const value = `OLLAMA_HOST=${host.includes(':') ? `[${host}]` : host}:11434`;
  return setting
    ? `change ${setting.file}:${setting.line} to ${value}, or give the client the port that Ollama has`
    : `start it with ${value}, or give the client the port that Ollama has`;
}
