/** Container engines: where they are, what they hold, who uses Ollama, and a place to look from inside a container. */
export { findClients } from './clients/find-clients.ts';
export { clientUrl } from './clients/client-url.ts';
export { type Inventory, listContainers, takeInventory } from './containers/list.ts';
export { listSubnets } from './containers/subnets.ts';
export { findUnpinned, type UnpinnedNetwork } from './containers/unpinned.ts';
export { findRuntimes } from './endpoints/find.ts';
export { recreation } from './recreate/index.ts';
export type { RunChange } from './recreate/run-command.ts';
export { insideContainer } from './inside/inside-container.ts';
