/** An argument list as a POSIX shell takes it; for people to read, never to be run. */
export function typed(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
