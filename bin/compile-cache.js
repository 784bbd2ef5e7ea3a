import { homedir } from 'node:os';
import { join } from 'node:path';
import * as nodeModule from 'node:module';

/**
 * Lets Node (22.1 and newer) keep the compiled code between runs; a place that cannot be written is no error.
 *
 * The default folder lies in the system's temporary directory, where on Linux anyone could have made it first and
 * planted code in it; so there it goes to the user's own cache folder, and root (whose HOME may be somebody else's
 * under sudo) gets none.
 */
export function keepCompiledCode() {
  if (process.getuid?.() === 0) return;
  const folder =
    process.platform === 'linux'
      ? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ollama-doctor', 'compiled')
      : undefined;
  nodeModule.enableCompileCache?.(folder);
}
