import type { Screen } from '../../report/human/screen.ts';
import type { Output, World } from '../world.ts';

/** What a report is drawn on, as the stream, the environment and the options have it. */
export async function screenOf(
  world: World,
  output: Output,
  asked: { color: boolean } & Partial<Pick<Screen, 'detail' | 'replay' | 'fixing' | 'again'>>,
): Promise<Screen> {
  const { Chalk, supportsColor } = await import('chalk');
  const { env } = world;
  const unwanted = !asked.color || (env['NO_COLOR'] ?? '') !== '';
  const plain = unwanted || (!forced(env) && (output.isTTY !== true || env['TERM'] === 'dumb'));
  const level = supportsColor === false ? 1 : supportsColor.level;
  return {
    chalk: new Chalk({ level: plain ? 0 : level }),
    columns: columnsOf(world, output),
    unicode: showsUnicode(env, world.platform),
    detail: asked.detail ?? 'normal',
    // npx keeps no program on the PATH for the next time.
    command: env['npm_command'] === 'exec' ? 'npx ollama-doctor' : 'ollama-doctor',
    ...(asked.replay === undefined ? {} : { replay: asked.replay }),
    ...(asked.again === undefined ? {} : { again: asked.again }),
    ...(asked.fixing === undefined ? {} : { fixing: asked.fixing }),
  };
}

/** Any value but these asks for colours where there is no terminal, as in Node's own tty.WriteStream.getColorDepth. */
function forced(env: World['env']): boolean {
  const value = env['FORCE_COLOR'];
  return value !== undefined && value !== '0' && value !== 'false';
}

function columnsOf(world: World, output: Output): number {
  if (output.isTTY && output.columns !== undefined && output.columns > 0) return output.columns;
  const named = Number(world.env['COLUMNS']);
  return Number.isInteger(named) && named >= 20 ? named : 100;
}

/** Whether the terminal's encoding has more than ASCII, by what its variables say of it (locale(7), Windows Terminal). */
function showsUnicode(env: World['env'], platform: NodeJS.Platform): boolean {
  if (platform === 'win32') {
    return env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] !== undefined || env['TERM'] !== undefined;
  }
  if (platform === 'darwin') return true;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/iu.test(locale);
}
