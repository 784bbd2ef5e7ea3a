/** One line of `ss -ltnpH`: what /proc/net/tcp does not say. */
export interface SsListener {
  /** Without brackets and zone; `::` for `*`, which is how ss shows a socket that takes both families. */
  address: string;
  port: number;
  family: 4 | 6;
  /** ss prints `[::]` for a wildcard socket that takes IPv6 only, and `*` for one that takes both (misc/ss.c). */
  v6only: boolean;
  /** Owning processes; empty without the right to look at other users' processes. */
  processes: { pid: number; name: string }[];
}

/** Reads `ss -ltnpH` (iproute2); lines that are no TCP listener are left out. */
export function parseSs(text: string): SsListener[] {
  return text.split('\n').flatMap((line) => {
    const match = /^LISTEN\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(.*)$/u.exec(line);
    const [, local, port, rest] = match ?? [];
    if (local === undefined || Number(port) > 65_535) return [];
    const address = local.replace(/%.*$/u, '').replace(/^\[|\]$/gu, '');
    const both = address === '*';
    return [
      {
        address: both ? '::' : address,
        port: Number(port),
        family: both || address.includes(':') ? (6 as const) : (4 as const),
        v6only: address === '::',
        processes: [...(rest ?? '').matchAll(/\("((?:[^"\\]|\\.)*)",pid=(\d+),/gu)].map(([, name, pid]) => ({
          pid: Number(pid),
          name: name ?? '',
        })),
      },
    ];
  });
}
