/** One variable of the server's environment and the value it is to have. */
export interface Assignment {
  variable: 'OLLAMA_HOST' | 'OLLAMA_ORIGINS';
  value: string;
}

const head = [
  '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
  '# It is a file of its own since the installer rewrites the unit on every upgrade.',
  '[Service]',
];
const guardComment =
  '# Closes the port to all but this host and its containers; Ollama does not start without.';

/**
 * Our drop-in with this assignment and this guard; what an earlier fix wrote there stays, but for a line of the same
 * variable and an earlier guard where there is a new one.
 * @param before its text now; null where there is none
 * @param assignment absent where another file has the word
 */
export function dropInText(
  before: string | null,
  assignment: Assignment | undefined,
  guardLine: string | undefined,
): string {
  const kept = (before ?? '').split('\n').filter((line) => line.trim() !== '' && !head.includes(line));
  const guard = kept.filter((line) => line === guardComment || line.startsWith('ExecStartPre='));
  const settings = kept.filter(
    (line) => !guard.includes(line) && line !== assignmentLine(assignment) && !sets(line, assignment),
  );
  return [
    ...head,
    ...settings,
    ...(assignment === undefined ? [] : [assignmentLine(assignment)]),
    ...(guardLine === undefined ? guard : [guardComment, guardLine]),
    '',
  ].join('\n');
}

function assignmentLine(assignment: Assignment | undefined): string {
  if (!assignment) return '';
  // A per cent sign begins a specifier (systemd.unit(5)).
  return `Environment="${assignment.variable}=${assignment.value.replaceAll('%', '%%')}"`;
}

function sets(line: string, assignment: Assignment | undefined): boolean {
  return assignment !== undefined && line.startsWith(`Environment="${assignment.variable}=`);
}
