import type { Platform } from '../platform.ts';
import { unsupported } from '../unsupported.ts';

/**
 * Windows. This version asks Ollama itself and the containers there, and says what it does not look at: the tray app and
 * its settings, listening sockets, WSL's and Hyper-V's networks, and Windows Defender Firewall.
 */
export const windows: Platform = {
  services: () =>
    unsupported(
      'this version cannot see on Windows how Ollama is started (the tray app and its environment)',
      'look at Settings in the Ollama app, or with `reg query HKCU\\Environment /v OLLAMA_HOST`',
    ),
  listeners: () =>
    unsupported(
      'this version cannot see on Windows which program listens on which address',
      'look with `netstat -ano -p TCP | findstr 11434`',
    ),
  network: () =>
    unsupported(
      'this version cannot see on Windows the network between the containers and this computer, which runs through a virtual machine',
      "the probe from inside the container tells whether it works; look at Docker Desktop's network settings",
    ),
  rulesets: () =>
    unsupported(
      'this version cannot read Windows Defender Firewall',
      'look with `Get-NetFirewallRule -DisplayName *ollama*` in PowerShell',
    ),
  ownership: () =>
    unsupported(
      "this version cannot tell on Windows what sets the firewall's rules",
      'look at Windows Security > Firewall & network protection',
    ),
  bystanders: async () => ({ state: 'absent', evidence: [] }),
};
