/**
 * The addresses that a hosts file gives a name, in its order. Names are compared without regard to case; `#` starts a
 * comment (hosts(5)). Never throws.
 */
export function addressesInHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase().replace(/\.$/u, '');
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*$/u, '').trim().split(/\s+/u);
    if (address !== '' && names.some((one) => one.toLowerCase() === wanted)) found.push(address);
  }
  return [...new Set(found)];
}

/** The name servers of a `resolv.conf`. */
export function nameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gmu)].map((match) => match[1] ?? '');
}
