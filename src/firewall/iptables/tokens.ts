/**
 * Splits a rule line into words the way iptables-restore does: blanks separate, double quotes group, and a
 * backslash inside quotes takes the next character as it is (libxtables' xtables_save_string writes them).
 * A comment may hold anything, `-j DROP` included, which is why nothing here is searched by pattern.
 * @returns the words, or null when a quote is never closed.
 */
export function tokenize(line: string): string[] | null {
  if (!line.includes('"') && !line.includes("'") && !line.includes('\t') && !line.includes('  ')) {
    const words = line.split(' ');
    if (words[words.length - 1] === '') words.pop();
    return words;
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
  if (quote !== 0) return null;
  if (inWord) words.push(word);
  return words;
}
