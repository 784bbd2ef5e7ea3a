import type { RunRequest } from '../machine.ts';
import { redactWords } from './assignments.ts';
import { cutCommand } from './commands.ts';
import { redactLog } from './log-lines.ts';
import { isReadName, withoutCredentials } from './names.ts';
import { redactUnitFile } from './unit-file.ts';
import { cutCredentials, leftOut } from './urls.ts';

interface Rule {
  program: RegExp;
  /** Among the arguments, when it is not the program alone. */
  argument?: RegExp;
  redact(text: string): string;
  /** True when its standard error may be another program's. */
  isOthersOutput?: boolean;
}

/** What is kept of which program's output; the first rule that fits holds. Others (rulesets, `ip -j`, `ss`) stay whole. */
const rules: readonly Rule[] = [
  { program: /^systemctl$/u, argument: /^cat$/u, redact: redactUnitFile },
  { program: /^systemctl$/u, argument: /^(?:show|show-environment)$/u, redact: redactProperties },
  { program: /^systemctl$/u, argument: /^status$/u, redact: () => '' },
  { program: /^journalctl$/u, redact: redactLog },
  { program: /^launchctl$/u, redact: redactArrows },
  { program: /^reg(?:\.exe)?$/iu, redact: redactRegistry },
  // Command lines and environments of anybody's processes.
  { program: /^(?:ps|pgrep)$/u, redact: redactProcesses },
  { program: /^(?:env|printenv|wmic)(?:\.exe)?$/iu, redact: () => '' },
  {
    program: /^(?:docker|podman|nerdctl)(?:\.exe)?$/iu,
    argument: /^(?:inspect|exec|logs|run|config)$/u,
    redact: () => '',
    isOthersOutput: true,
  },
];

/** Standard output of a program without what may be secret in it. */
export function redactOutput(argv: RunRequest['argv'], text: string): string {
  const rule = ruleOf(argv);
  return cutCredentials(rule === undefined ? text : rule.redact(text));
}

/** What a program complains of: kept, as it says why nothing could be seen, but for programs that pass on what others say. */
export function redactComplaint(argv: RunRequest['argv'], text: string): string {
  return ruleOf(argv)?.isOthersOutput === true ? '' : cutCredentials(text);
}

function ruleOf([program, ...rest]: RunRequest['argv']): Rule | undefined {
  const name = program.replace(/^.*[/\\]/u, '');
  return rules.find(
    ({ program: fits, argument }) =>
      fits.test(name) && (argument === undefined || rest.some((one) => argument.test(one))),
  );
}

/** `systemctl show`: `Environment=` and commands are cut, everything else is asked for by name and stays. */
function redactProperties(text: string): string {
  return eachLine(text, (line) => {
    const [, head = '', name = '', value = ''] = /^(([^=]+)=)(.*)$/u.exec(line) ?? [];
    if (name === 'Environment') return head + redactWords(value);
    if (/^Exec\w+$/u.test(name)) return head + redactExec(value);
    if (isReadName(name)) return withoutCredentials(line);
    return /^[A-Z][A-Za-z]+$/u.test(name) || line === '' ? line : leftOut;
  });
}

/** `{ path=/usr/bin/ollama ; argv[]=/usr/bin/ollama serve ; ignore_errors=no ; … }`. */
function redactExec(value: string): string {
  return value.replace(/argv\[\]=(.*?)( ; ignore_errors=|$)/u, (_whole, command: string, end: string) => {
    return `argv[]=${cutCommand(command)}${end}`;
  });
}

/** `pgrep -a`: a process id, then its command line. Of other columns nothing is kept. */
function redactProcesses(text: string): string {
  return eachLine(text, (line) => {
    const [, pid, command = ''] = /^\s*(\d+)\b ?(.*)$/u.exec(line) ?? [];
    return pid === undefined ? '' : `${pid}${command === '' ? '' : ` ${cutCommand(command)}`}`;
  });
}

/** `launchctl print`: `NAME => value` lines of the environment blocks. */
function redactArrows(text: string): string {
  return eachLine(text, (line) => {
    const [, head, name] = /^(\s*(\S+) => )/u.exec(line) ?? [];
    if (head === undefined || name === undefined) return line;
    return isReadName(name) ? withoutCredentials(line) : head + leftOut;
  });
}

/** `reg query`: `    NAME    REG_SZ    value` lines of an Environment key; other keys stay. */
function redactRegistry(text: string): string {
  let isEnvironment = false;
  return eachLine(text, (line) => {
    if (line.startsWith('HKEY_')) isEnvironment = /\\Environment\s*$/u.test(line);
    const [, head, name] = /^(\s+(\S+)\s+REG_\w+\s+)/u.exec(line) ?? [];
    if (!isEnvironment || head === undefined || name === undefined) return line;
    return isReadName(name) ? withoutCredentials(line) : head + leftOut;
  });
}

function eachLine(text: string, redact: (line: string) => string): string {
  return text.split('\n').map(redact).join('\n');
}
