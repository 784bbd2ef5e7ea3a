/** Container engines: where they are, what they hold, who uses Ollama, and a place to look from inside a container. */
export { findClients, isLogWanted } from './clients/find-clients.ts';
export { apiOf } from './clients/settings.ts';
export { readLogs } from './clients/read-logs.ts';
export { applicationOf } from './clients/applications.ts';
export { clientUrl, urlFault } from './clients/client-url.ts';
export { type Inventory, listContainers, takeInventory } from './containers/list.ts';
export { listSubnets } from './containers/subnets.ts';
export { findUnpinned, type UnpinnedNetwork } from './containers/unpinned.ts';
export { findRuntimes } from './endpoints/find.ts';
export { recreation } from './recreate/index.ts';
export type { RunChange } from './recreate/run-command.ts';
export { isStopped, stateWords } from './inside/stand-in.ts';
export { insideContainer } from './inside/inside-container.ts';
