/**
 * A result as the one JSON document on standard output, with a line feed at its end. Characters that some terminals
 * obey (DEL and the C1 controls, among them a one-byte CSI) are escaped, which leaves the value the same.
 */
export function renderJson(document: object): string {
  const text = JSON.stringify(document, null, 2);
  return `${text.replace(/[\u007f-\u009f\u2028\u2029]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
