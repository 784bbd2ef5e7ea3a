/** Properties of one unit as `systemctl show` prints them; a property printed several times keeps all values. */
export type UnitProperties = ReadonlyMap<string, readonly string[]>;

/**
 * Reads `systemctl show UNIT… --property=…`: `Key=value` lines, with an empty line between units (systemctl(1)). A unit
 * that does not exist is printed as well, with `LoadState=not-found`.
 */
export function parseSystemctlShow(text: string): UnitProperties[] {
  return text.split(/\n{2,}/u).flatMap((block) => {
    const properties = new Map<string, string[]>();
    for (const line of block.split('\n')) {
      const equals = line.indexOf('=');
      if (equals <= 0) continue;
      const key = line.slice(0, equals);
      const values = properties.get(key);
      if (values) values.push(line.slice(equals + 1));
      else properties.set(key, [line.slice(equals + 1)]);
    }
    return properties.size > 0 ? [properties] : [];
  });
}

/** A property's value; undefined when it is missing or empty. */
export function property(unit: UnitProperties, name: string): string | undefined {
  return unit.get(name)?.[0] || undefined;
}

/** A property that is a number; undefined for `[not set]` and the like. */
export function numberProperty(unit: UnitProperties, name: string): number | undefined {
  const value = property(unit, name);
  return value !== undefined && /^\d{1,15}$/u.test(value) ? Number(value) : undefined;
}
