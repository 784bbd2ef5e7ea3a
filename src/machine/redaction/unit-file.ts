import { redactComment, redactWords } from './assignments.ts';
import { cutCommand } from './commands.ts';
import { cutCredentials, leftOut } from './urls.ts';

/** Directives whose values say how a service runs and never hold a secret. */
const plain =
  /^(?:Description|Documentation|After|Before|Wants|Requires|Requisite|BindsTo|PartOf|Conflicts|Condition\w+|Type|Restart\w*|StartLimit\w+|User|Group|DynamicUser|SupplementaryGroups|WorkingDirectory|WantedBy|RequiredBy|Also|Alias|EnvironmentFile|UnsetEnvironment|PassEnvironment|Listen\w+|IPAddress\w+|RestrictAddressFamilies|SocketBind\w+|Private\w+|Protect\w+|Network\w*|PublishPort|Image|ContainerName|TimeoutS\w+|Standard\w+|KillMode|OOM\w+)$/u;

/**
 * A systemd unit, drop-in or Podman quadlet: sections and directives stay, `Environment=` keeps what the doctor reads,
 * commands their program, and values of directives not known to be harmless go. Lines keep their numbers.
 */
export function redactUnitFile(text: string): string {
  let directive: string | undefined;
  const lines = text.split('\n').map((line) => {
    if (/^\s*[#;]/u.test(line)) return redactComment(line);
    if (line.trim() === '') {
      directive = undefined;
      return line;
    }
    const continued = /(?:^|[^\\])(?:\\\\)*\\\r?$/u.test(line);
    const [, head, name, value = ''] = /^(\s*([^\s=[]+)\s*=\s*)(.*)$/u.exec(line) ?? [];
    let redacted: string;
    if (directive !== undefined) redacted = redactValue(directive, line);
    else if (/^\s*\[[^\]=]*\]\s*$/u.test(line)) redacted = line;
    else if (head !== undefined && name !== undefined && isDirective(name))
      redacted = head + redactValue(name, value);
    else redacted = /^\s*\[\w*\s*$|^\W*OLLAMA_\w*\W*$/u.test(line) ? line : leftOutDirective;
    if (continued && !/\\\r?$/u.test(redacted)) redacted += '\\';
    directive = continued ? (directive ?? name ?? '') : undefined;
    return redacted;
  });
  return lines.join('\n');
}

/** Stands for a line that was left out; systemd takes no offence at names in `X-`. */
const leftOutDirective = `X-LeftOut=${leftOut}`;

function isDirective(name: string): boolean {
  return name === 'Environment' || plain.test(name) || /^Exec\w+$/u.test(name) || /^\W*OLLAMA_/u.test(name);
}

function redactValue(name: string, value: string): string {
  if (name === 'Environment') return redactWords(value);
  if (plain.test(name)) return cutCredentials(value);
  if (/^Exec\w+$/u.test(name)) return cutCommand(value);
  // `OLLAMA_HOST=…` without `Environment=` in front: systemd ignores it, and the doctor says so.
  if (/^\W*OLLAMA_/u.test(name)) return redactWords(`${name}=${value}`).slice(name.length + 1);
  return value.trim() === '' ? value : leftOut;
}
