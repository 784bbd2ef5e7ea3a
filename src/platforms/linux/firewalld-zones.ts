/**
 * What zones let in and keep out, from `firewall-cmd --list-all-zones`: by zone, each port and rich rule
 * (`port 11434/tcp`, `rule family=…`). What is not understood is left out. Never throws.
 */
export function parseZones(text: string): Map<string, Set<string>> {
  const zones = new Map<string, Set<string>>();
  let zone: Set<string> | undefined;
  for (const line of text.split('\n')) {
    const name = /^(\S+)(?: \(.*\))?$/u.exec(line)?.[1];
    if (name !== undefined) {
      zone = new Set();
      zones.set(name, zone);
      continue;
    }
    const ports = /^ {2}ports: (.*)$/u.exec(line)?.[1];
    for (const port of ports?.split(' ').filter(Boolean) ?? []) zone?.add(`port ${port}`);
    if (/^\s+rule .+$/u.test(line)) zone?.add(line.trim());
  }
  return zones;
}

/** What is in force and not kept: gone with the next `firewall-cmd --reload` or boot. `zone public: port 11434/tcp`. */
export function notKept(live: string, permanent: string): string[] {
  const kept = parseZones(permanent);
  return [...parseZones(live)].flatMap(([zone, rules]) =>
    [...rules].filter((rule) => !kept.get(zone)?.has(rule)).map((rule) => `zone ${zone}: ${rule}`),
  );
}
