import type { Platform } from '../platform.ts';
import { unsupported } from '../unsupported.ts';

/**
 * macOS. This version asks Ollama itself and the containers there, and says what it does not look at: the app's
 * settings and launchd's jobs, listening sockets, the network of the VM that containers run in, and the packet filter.
 */
export const macos: Platform = {
  services: () =>
    unsupported(
      'this version cannot see on macOS how Ollama is started (the Ollama app, Homebrew, launchd)',
      'look at Settings in the Ollama app, or at `launchctl getenv OLLAMA_HOST` and `brew services info ollama`',
    ),
  listeners: () =>
    unsupported(
      'this version cannot see on macOS which program listens on which address',
      'look with `lsof -nP -iTCP:11434 -sTCP:LISTEN`',
    ),
  network: () =>
    unsupported(
      'this version cannot see on macOS the network between the containers and this Mac, which runs through a virtual machine',
      "the probe from inside the container tells whether it works; look at the container engine's own network settings",
    ),
  rulesets: () =>
    unsupported(
      "this version cannot read macOS's application firewall and pf",
      'look at System Settings > Network > Firewall, and with `sudo pfctl -sr`',
    ),
  ownership: () =>
    unsupported(
      "this version cannot tell on macOS what sets the packet filter's rules",
      'look at System Settings > Network > Firewall',
    ),
  bystanders: async () => ({ state: 'absent', evidence: [] }),
};
