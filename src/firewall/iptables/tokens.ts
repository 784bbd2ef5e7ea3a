/**
 * Splits a rule line into words the way iptables-restore does: blanks separate, double quotes group, and a
 * backslash inside quotes takes the next character as it is (libxtables' xtables_save_string writes them).
 * A comment may hold anything, `-j DROP` included, which is why nothing here is searched by pattern.
 * @returns the words; of a line with a quote that is never closed, those before it.
 */
export function tokenize(line: string): { readonly words: string[]; readonly closed: boolean } {
  if (!line.includes('"') && !line.includes("'") && !line.includes('\t') && !line.includes('  ')) {
    const words = line.split(' ');
    if (words[words.length - 1] === '') words.pop();
    return { words, closed: true };
  }
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quote = 0;
  for (let i = 0; i < line.length; i++) {
    const c = line.charCodeAt(i);
    if (quote !== 0) {
      if (c === 92 && i + 1 < line.length) word += line[++i];
      else if (c === quote) quote = 0;
      else word += line[i];
    } else if (c === 34 || c === 39) {
      quote = c;
      inWord = true;
    } else if (c === 32 || c === 9) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      word += line[i];
      inWord = true;
    }
  }
  if (inWord && quote === 0) words.push(word);
  return { words, closed: quote === 0 };
}

/** `--dport=22` and `-jDROP`, which getopt_long(3) takes and no listing prints, as two words; null for other words. */
export function apart(word: string): string[] | null {
  if (word.length < 3 || word.charCodeAt(0) !== 45) return null;
  const parts = /^(--[a-z][\w-]*)=([^]*)$/i.exec(word) ?? /^(-[sdiopjgm])([^]+)$/.exec(word);
  return parts && [parts[1] as string, parts[2] as string];
}
