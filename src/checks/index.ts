import { bindAddress } from './bind-address.ts';
import { clientUrl } from './client-url.ts';
import { containerDns } from './container-dns.ts';
import { containerReach } from './container-reach.ts';
import { containerRuntime } from './container-runtime.ts';
import type { FactCheck } from './context.ts';
import { exposure } from './exposure.ts';
import { firewall } from './firewall.ts';
import { gatewayRoute } from './gateway-route.ts';
import { models } from './models.ts';
import { ollamaApi } from './ollama-api.ts';
import { ollamaService } from './ollama-service.ts';
import { persistence } from './persistence.ts';
import { portOwner } from './port-owner.ts';

/** Every check, in the order of the report: from the server outwards. Their ids are public and stable. */
export const checks: readonly FactCheck[] = [
  ollamaService,
  bindAddress,
  portOwner,
  ollamaApi,
  models,
  containerRuntime,
  clientUrl,
  containerDns,
  gatewayRoute,
  firewall,
  containerReach,
  exposure,
  persistence,
];
