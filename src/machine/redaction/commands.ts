/** A command line cut to its program and, where it is one, Ollama's own word for what it does. */
export function cutCommand(text: string): string {
  const [, program = '', rest = ''] = /^(\s*[-@:+!|]*(?:"[^"]*"|'[^']*'|\S+))(.*)$/su.exec(text) ?? [];
  const bare = program.includes('=') ? '(left-out)' : program;
  const [, verb] = /^\s+"?(serve|start|runner|app)"?(?:\s|$)/u.exec(rest) ?? [];
  return verb === undefined ? bare : `${bare} ${verb}`;
}

/** /proc/PID/cmdline: the same with NUL behind every argument (proc(5)). */
export function cutProcessArguments(text: string): string {
  const [program = '', ...rest] = text.split('\0');
  const verb = rest.find((word) => ['serve', 'start', 'runner'].includes(word));
  const kept = verb === undefined ? [program] : [program, verb];
  return text === '' ? '' : kept.map((word) => `${word}\0`).join('');
}
