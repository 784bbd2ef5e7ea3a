import type { Command } from 'commander';
import type { Outcome } from '../program.ts';
import { usage } from '../failure.ts';
import type { World } from '../world.ts';

/** `ollama-doctor firewall …`: which rule decides about a packet. */
export function addFirewall(program: Command, _world: World, _outcome: Outcome): void {
  program
    .command('firewall')
    .description('which rule of the packet filter decides about a packet')
    .action(async () => {
      throw usage('firewall is not wired yet');
    });
}
