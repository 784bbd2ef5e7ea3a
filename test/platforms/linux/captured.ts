import { readFileSync } from 'node:fs';

/** What a real command printed: Debian 12 (bookworm: systemd 252, iptables 1.8.9) or 13 (trixie: 257, 1.8.11). */
export function captured(release: 'bookworm' | 'trixie', name: string): string {
  return readFileSync(new URL(`../../../fixtures/outputs/linux/${release}/${name}`, import.meta.url), 'utf8');
}
