import {
  explainedError,
  type Explained,
  explainStream,
  explainText,
  mostBytes,
} from '../../findings/errors/index.ts';
import { explainedErrors } from '../../report/human/explained-errors.ts';
import { renderJson } from '../../report/json.ts';
import { tool } from '../../report/tool.ts';
import { usage } from '../failure.ts';
import { screenOf } from '../terminal/screen.ts';
import { print, type World } from '../world.ts';

/**
 * `ollama-doctor explain --error [TEXT]`: what the messages in a text, or in a log on standard input (`-`, or nothing
 * and a pipe), make one suspect. Returns the exit code: 0 when one is known, 1 when none is.
 */
export async function explainError(
  text: string | true,
  asked: { json?: true; color: boolean },
  world: World,
): Promise<number> {
  const { matches, cut } = await read(text, world);
  const errors = matches.map(explainedError);
  if (cut) {
    const megabytes = String(mostBytes / 1_000_000);
    await print(world.stderr, `ollama-doctor: only the first ${megabytes} MB were read\n`);
  }
  if (asked.json) {
    await print(
      world.stdout,
      renderJson({ schemaVersion: 1, tool, verdict: 'suspicion', matches: errors, cut }),
    );
  } else if (errors.length === 0) {
    await print(
      world.stdout,
      'No message that is known here. `ollama-doctor --container NAME` looks from the container itself.\n',
    );
  } else {
    const screen = await screenOf(world, world.stdout, { color: asked.color });
    await print(world.stdout, `${explainedErrors(errors, screen).join('\n')}\n`);
  }
  return errors.length === 0 ? 1 : 0;
}

async function read(text: string | true, world: World): Promise<Explained> {
  if (text !== '-' && text !== true) {
    if (text.trim() === '') throw usage('--error needs a text', 'or a log on standard input: --error -');
    return explainText(text);
  }
  if (text === true && world.stdin.isTTY === true) {
    throw usage(
      '--error needs a text',
      'or a log on standard input: docker logs NAME 2>&1 | ollama-doctor explain --error -',
    );
  }
  return explainStream(world.stdin as AsyncIterable<Uint8Array | string>);
}
