/** One thing to find out from a container's place in the network. */
export interface Job {
  mode: 'resolve' | 'connect' | 'request';
  host: string;
  port: number;
  tls: boolean;
  /** Deadline of the prober itself; what waits for it waits longer. */
  timeoutMs: number;
  /** Bytes of the answer read at the most, headers included. */
  maxBytes: number;
  /** The request's bytes as text; empty for the other modes. */
  payload: string;
  /** For the tools that make their own request (curl, wget). */
  url: string;
  /** Arguments for curl besides the URL: method and headers. */
  curlArguments: string[];
  /** Whether wget could make the same request: a GET with no headers of its own. */
  plain: boolean;
}

/** What python3, node and perl get: `mode host port tls seconds size payload`. */
export function proberArguments(job: Job): string[] {
  return [
    job.mode,
    job.host,
    String(job.port),
    job.tls ? '1' : '0',
    (job.timeoutMs / 1000).toFixed(1),
    String(job.maxBytes),
    job.payload,
  ];
}
