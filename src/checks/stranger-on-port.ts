import type { Facts } from '../diagnosis/collectors.ts';
import type { Server } from '../path/server.ts';

/**
 * Who holds Ollama's port in its place, in a sentence: a program of another name, where what answers is not Ollama
 * either. A forwarder in front of Ollama (docker-proxy, nginx) has another name too, and Ollama's answer.
 * @returns undefined where that is not proved; with --url the answer may be another machine's
 */
export async function strangerOnPort(facts: Facts, server: Server): Promise<string | undefined> {
  const { listeners = [], port } = server;
  const [holder] = listeners.flatMap(({ process }) => process ?? []);
  const known = listeners.every(({ process }) => process !== undefined && process.name !== 'ollama');
  if (holder === undefined || !known || facts.options.url !== undefined) return undefined;
  const { answer } = await facts.host();
  if (answer.kind !== 'not-ollama') return undefined;
  return `port ${port} is held by ${holder.name} (PID ${holder.pid}), which is not Ollama`;
}
