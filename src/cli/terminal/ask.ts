import type { World } from '../world.ts';

/** Whether somebody is there who could answer. */
export function canAsk(world: World): boolean {
  return world.stdin.isTTY === true && world.stderr.isTTY === true;
}

/** Asks a question on standard error; true for a `y` or `yes`. The end of the input, and an interrupt, are a no. */
export async function ask(world: World, question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: world.stdin, output: world.stderr });
  const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  lines.once('SIGINT', () => process.emit('SIGINT'));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal: world.signal }), gone]);
    return /^y(?:es)?$/iu.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
