/**
 * Splits the output of an exec or an attach without a terminal into its two streams.
 *
 * Each frame is an 8-byte header (stream 1 or 2, three zeros, big-endian length) and its bytes (Docker Engine API,
 * "ContainerAttach"). Bytes that do not fit that form are an engine's plain words and count as standard output.
 */
export function splitStreams(bytes: Buffer): { stdout: Buffer; stderr: Buffer } {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const stream = bytes[at];
    const header =
      at + 8 <= bytes.length &&
      (stream === 0 || stream === 1 || stream === 2) &&
      bytes[at + 1] === 0 &&
      bytes[at + 2] === 0 &&
      bytes[at + 3] === 0;
    if (!header) {
      out.push(bytes.subarray(at));
      break;
    }
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    (stream === 2 ? err : out).push(bytes.subarray(at + 8, end));
    at = end;
  }
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err) };
}
