import { type Seen, startScan } from './scan.ts';

/** More of a log than this is not read: 10 MB. */
export const mostBytes = 10_000_000;

/** What was found in a text or a stream of it. */
export interface Explained {
  matches: Seen[];
  /** True when the stream went on behind what was read of it. */
  cut: boolean;
}

/** The known messages in a text: {@link startScan}. */
export function explainText(text: string): Explained {
  const scan = startScan();
  scan.add(text);
  return { matches: scan.end(), cut: false };
}

/** The known messages in a stream of UTF-8, read to its end or to {@link mostBytes}, holding no more than a line of it. */
export async function explainStream(stream: AsyncIterable<Uint8Array | string>): Promise<Explained> {
  const scan = startScan();
  const decoder = new TextDecoder();
  let left = mostBytes;
  let cut = false;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    scan.add(decoder.decode(bytes.subarray(0, left), { stream: true }));
    cut = bytes.length > left;
    left -= Math.min(left, bytes.length);
    if (cut) break;
  }
  scan.add(decoder.decode());
  return { matches: scan.end(), cut };
}
