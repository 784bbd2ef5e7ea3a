import type { Platform } from '../platform.ts';
import { lookAtBystanders } from './bystanders.ts';
import { lookAtListeners } from './listeners.ts';
import { lookAtModelFolders } from './model-folders.ts';
import { lookAtNetwork } from './network.ts';
import { lookAtOwnership } from './ownership.ts';
import { lookAtRulesets } from './rulesets.ts';
import { lookAtServices } from './services.ts';

/** Linux, with systemd or without; inside WSL as well. */
export const linux: Platform = {
  services: lookAtServices,
  listeners: lookAtListeners,
  network: lookAtNetwork,
  rulesets: lookAtRulesets,
  ownership: lookAtOwnership,
  bystanders: lookAtBystanders,
  modelFolders: lookAtModelFolders,
};
