import type { Readable } from 'node:stream';

/** What came out of one stream of a program: the first `maxBytes`, the rest read and thrown away. */
export interface Output {
  text(): string;
  truncated(): boolean;
  /** Settles when the stream ended, failed or was destroyed. */
  ended: Promise<void>;
}

export function collectOutput(stream: Readable, maxBytes: number): Output {
  const chunks: Buffer[] = [];
  let kept = 0;
  let dropped = false;
  stream.on('data', (chunk: Buffer) => {
    const room = maxBytes - kept;
    if (chunk.length > room) dropped = true;
    if (room <= 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    chunks.push(part);
    kept += part.length;
  });
  const ended = new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.once('end', resolve);
    stream.once('error', () => resolve());
  });
  return { text: () => decode(Buffer.concat(chunks)), truncated: () => dropped, ended };
}

/**
 * UTF-8, or UTF-16LE where every second byte is mostly NUL: `wsl.exe` writes that without a byte order mark unless
 * WSL_UTF8 is 1, and old versions do so always (WSL's WslClient.cpp).
 */
export function decode(bytes: Buffer): string {
  const odd = Math.floor(bytes.length / 2);
  let nul = 0;
  for (let at = 1; at < bytes.length; at += 2) if (bytes[at] === 0) nul += 1;
  if (odd > 3 && nul > odd / 2) return bytes.toString('utf16le').replace(/^\uFEFF/, '');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
