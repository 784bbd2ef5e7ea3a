/** A line of a compose or env file as it may be shown: what looks like a secret, and credentials in URLs, left out. */
export function shownLine(text: string): string {
  return text
    .replace(/(\/\/)[^/\s@"']*@/gu, '$1…@')
    .replace(
      /([\w-]*(?:key|token|secret|passw(?:or)?d|credential)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,}\]"']+)/giu,
      '$1…',
    )
    .trim();
}
