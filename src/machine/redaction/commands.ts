/** Words of a command line, beside the program, that say what it does with an Ollama: the script, and Ollama's own word. */
function isTelling(word: string): boolean {
  return /^(?:[\w./\\ -]*[/\\])?ollama(?:\.exe)?$/iu.test(word) || /^(?:serve|start|runner)$/u.test(word);
}

/** A command line cut to its program and those words: `/usr/bin/python3 /usr/local/bin/ollama serve`. */
export function cutCommand(text: string): string {
  const [, program = '', rest = ''] = /^(\s*[-@:+!|]*(?:"[^"]*"|'[^']*'|\S+))(.*)$/su.exec(text) ?? [];
  const bare = program.includes('=') ? '(left-out)' : program;
  return [bare, ...leading(rest.split(/\s+/u).filter((word) => word !== ''))].join(' ');
}

/** /proc/PID/cmdline: the same with NUL behind every argument (proc(5)). */
export function cutProcessArguments(text: string): string {
  if (text === '') return '';
  const [program = '', ...rest] = text.split('\0');
  return [program, ...leading(rest)].map((word) => `${word}\0`).join('');
}

/** The telling words right behind the program, at most a script and what it is to do. */
function leading(words: readonly string[]): string[] {
  const end = words.findIndex((word) => !isTelling(word));
  return words.slice(0, Math.min(end < 0 ? words.length : end, 2));
}
