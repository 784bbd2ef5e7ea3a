/** One assignment of a unit file, or a line that systemd ignores. */
export interface UnitLine {
  /** From 1; of a continued line, where it starts. */
  line: number;
  /** As it stands in the file, without white space around it; continued lines joined with a blank. */
  text: string;
  /** `[Service]` gives `Service`; undefined before the first section. */
  section: string | undefined;
  key: string;
  value: string;
  /** Why systemd ignores the line altogether, in its own words. */
  ignored?: string;
}

/**
 * Reads a unit file or drop-in as systemd does (config_parse() and parse_line() in its src/shared/conf-parser.c):
 * sections, comments, continuation by a backslash at the end of a line (comments in between are skipped).
 */
export function parseUnitFile(text: string): UnitLine[] {
  const found: UnitLine[] = [];
  let section: string | undefined;
  let pending: { line: number; text: string } | undefined;
  for (const [at, raw] of text
    .replace(/^\uFEFF/u, '')
    .split('\n')
    .entries()) {
    const start = raw.trimStart();
    if (start.startsWith('#') || start.startsWith(';')) continue;
    const whole: { line: number; text: string } = pending
      ? { line: pending.line, text: pending.text + start }
      : { line: at + 1, text: start };
    const backslashes = /\\*$/u.exec(whole.text.replace(/\r$/u, ''))?.[0].length ?? 0;
    if (backslashes % 2 === 1) {
      pending = { line: whole.line, text: `${whole.text.replace(/\r$/u, '').slice(0, -1)} ` };
      continue;
    }
    pending = undefined;
    section = readLine({ line: whole.line, text: whole.text.trim() }, section, found);
  }
  if (pending) readLine({ line: pending.line, text: pending.text.trim() }, section, found);
  return found;
}

/** Adds what a line says to `found`, and gives the section that holds from here on. */
function readLine(
  { line, text }: { line: number; text: string },
  section: string | undefined,
  found: UnitLine[],
): string | undefined {
  if (text === '') return section;
  if (text.startsWith('[')) {
    if (text.endsWith(']')) return text.slice(1, -1);
    found.push({ line, text, section, key: '', value: '', ignored: `Invalid section header '${text}'` });
    return section;
  }
  const equals = text.indexOf('=');
  if (equals < 0) {
    found.push({ line, text, section, key: '', value: '', ignored: "Missing '=', ignoring line." });
    return section;
  }
  const assignment = {
    line,
    text,
    section,
    key: text.slice(0, equals).trim(),
    value: text.slice(equals + 1).trim(),
  };
  if (section === undefined)
    found.push({ ...assignment, ignored: 'Assignment outside of section. Ignoring.' });
  else found.push(assignment);
  return section;
}
