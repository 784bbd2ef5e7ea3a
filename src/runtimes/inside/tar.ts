/**
 * The text of the first plain file in a tar, as the archive call of an engine gives one file (POSIX ustar: 512-byte
 * headers, size in octal at 124, type at 156). undefined when there is none. Never throws.
 */
export function firstFile(tar: Buffer): string | undefined {
  let at = 0;
  while (at + 512 <= tar.length) {
    const header = tar.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) return undefined;
    const size = Number.parseInt(header.subarray(124, 136).toString('latin1').replaceAll('\0', '').trim(), 8);
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === '0' || type === '\0') return tar.subarray(at + 512, at + 512 + size).toString('utf8');
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}
