import { posix, win32 } from 'node:path';
import type { Identity } from '../machine/machine.ts';

/** Path rules of a platform, which need not be those of the platform this runs on. */
export function pathsOf(identity: Identity): typeof posix {
  return identity.platform === 'win32' ? win32 : posix;
}

/**
 * Where receipts are kept: for root on Linux `/var/lib/ollama-doctor` (a journal holds commands that undo runs as
 * root, so it must be where nobody else can write), otherwise the user's own folder for state (XDG base directory
 * specification 0.8, Apple's "File System Basics", %LOCALAPPDATA%).
 */
export function stateFolder(identity: Identity): string {
  const paths = pathsOf(identity);
  switch (identity.platform) {
    case 'win32':
      return paths.join(
        identity.env['LOCALAPPDATA'] ?? paths.join(identity.home, 'AppData', 'Local'),
        'ollama-doctor',
      );
    case 'darwin':
      return paths.join(identity.home, 'Library', 'Application Support', 'ollama-doctor');
    case 'linux': {
      if (identity.elevated) return '/var/lib/ollama-doctor';
      const xdg = identity.env['XDG_STATE_HOME'];
      // The specification has relative paths ignored.
      const base = xdg?.startsWith('/') ? xdg : paths.join(identity.home, '.local', 'state');
      return paths.join(base, 'ollama-doctor');
    }
  }
}

export function receiptsFolder(identity: Identity): string {
  return pathsOf(identity).join(stateFolder(identity), 'receipts');
}

export function journalPath(identity: Identity, receipt: string): string {
  return pathsOf(identity).join(receiptsFolder(identity), receipt, 'journal.jsonl');
}
