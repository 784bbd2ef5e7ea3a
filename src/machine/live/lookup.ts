import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { within } from './within.ts';

export type Lookup =
  | { found: true; addresses: string[] }
  | { found: false; errno: string; detail: string; late: boolean };

/**
 * All addresses of a name by getaddrinfo(3), so the hosts file and everything else in nsswitch.conf count, in the order
 * the system gives them. Literal addresses (with a zone, with brackets) are given back as they are.
 */
export async function lookUp(name: string, timeoutMs: number): Promise<Lookup> {
  const literal = name.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0) return { found: true, addresses: [literal] };
  if (name === '' || name.includes('\0')) return unknown('ENOTFOUND', 'not a host name');
  const asked = lookup(name, { all: true, verbatim: true }).then(
    (rows): Lookup => ({ found: true, addresses: [...new Set(rows.map((row) => row.address))] }),
    (error: unknown): Lookup => {
      const { code, message } = error as NodeJS.ErrnoException;
      return unknown(code ?? 'ENOTFOUND', code === undefined ? message : `name not found (${code})`);
    },
  );
  return within(timeoutMs, asked, () => ({
    found: false,
    errno: 'EAI_AGAIN',
    detail: `the resolver gave no answer within ${timeoutMs} ms`,
    late: true,
  }));
}

function unknown(errno: string, detail: string): Lookup {
  return { found: false, errno, detail, late: false };
}
