import type { Identity } from '../machine/machine.ts';
import { linux } from './linux/index.ts';
import { macos } from './macos/index.ts';
import type { Platform } from './platform.ts';
import { windows } from './windows/index.ts';

/** The platform of a machine. */
export function platformFor(identity: Identity): Platform {
  if (identity.platform === 'linux') return linux;
  return identity.platform === 'darwin' ? macos : windows;
}
