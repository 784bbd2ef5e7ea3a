import type { RuntimeProduct } from '../../facts/containers.ts';
import type { FindingCode } from '../../findings/index.ts';
import type { PlatformName } from '../../machine/machine.ts';
import type { Span } from '../source.ts';
import type { Use } from './uses.ts';

/** Something in a compose file that cannot work, or will not always. */
export interface ComposeFinding {
  code: FindingCode;
  status: 'fail' | 'warn';
  service: string;
  /** One sentence with the values that matter. */
  summary: string;
  at: Span;
  /** What a person would write or type. */
  instructions: string[];
  /** Edits that mend it; empty where a person has to decide. */
  cures: Cure[];
}

export type Cure =
  /** The text `from`, which is a part of what the variable or argument says, becomes `to`. */
  | { kind: 'set-url'; service: string; setting: string; from: string; to: string }
  | { kind: 'add-host'; service: string; host: string };

/** What is known of the place where the file will be run. */
export interface Around {
  platform: PlatformName;
  /** What answered here; undefined when no engine did. */
  product: RuntimeProduct | undefined;
  /** True for an engine without root: host-gateway leads into its own network there (moby 47684), and not to the host. */
  rootless?: boolean;
  /** Who has a TCP port of this host, for ports that the file publishes; empty where nobody has, or it is not known. */
  holders: readonly PortHolder[];
}

export interface PortHolder {
  port: number;
  /** `127.0.0.1`, `0.0.0.0`, `::`. */
  address: string;
  /** In words: `ollama (PID 84)`, `container web`. */
  who: string;
  /** The compose project and service it belongs to, when it is a container of one. */
  compose?: { project: string; service: string };
}

/** A finding at the place where an address is written. */
export function finding(
  use: Use,
  code: ComposeFinding['code'],
  summary: string,
  { instructions, cures }: Pick<ComposeFinding, 'instructions' | 'cures'>,
): ComposeFinding {
  return {
    code,
    status: 'fail',
    service: use.service.name,
    summary,
    at: use.written.at,
    instructions,
    cures,
  };
}
