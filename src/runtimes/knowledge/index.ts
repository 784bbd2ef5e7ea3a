/** What is known of how each runtime's containers reach this host, as data with its sources. A probe overrules it. */
export { hostAccessOf, hostNameOf, namesOfTheHost, networkModeOf, reachesLoopback } from './access-of.ts';
export { pastaHost } from './table.ts';
