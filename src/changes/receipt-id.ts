const shape = /^\d{8}-\d{6}-[0-9a-f]{4}$/u;

/**
 * A name for one run's changes: UTC time and four hexadecimal digits (`20261121-043015-a1b2`), so that names sort by
 * time and two runs in one second differ.
 * @param now milliseconds since 1970
 * @param random a number from 0 up to 1
 */
export function newReceiptId(now: number, random: number): string {
  const time = new Date(now).toISOString();
  const digits = time.slice(0, 19).replaceAll(/[-:]/gu, '').replace('T', '-');
  return `${digits}-${Math.floor(random * 0x1_00_00)
    .toString(16)
    .padStart(4, '0')}`;
}

/** True for the name of a receipt; it is part of a path, so nothing else may be one. */
export function isReceiptId(text: string): boolean {
  return shape.test(text);
}
