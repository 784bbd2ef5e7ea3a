/** What stands in a recording in place of a value that was left out. */
export const leftOut = '(left out)';

/** Query parameters whose values are keys more often than not. */
const secretParameter =
  /([?&][^=&#\s]*(?:key|token|secret|password|passwd|sig|signature|auth)[^=&#\s]*=)[^&#\s"']*/giu;

/** Cuts user names and passwords, and the values of query parameters that hold keys, out of every URL in a text. */
export function cutCredentials(text: string): string {
  return text.replace(/:\/\/[^/\s@"'`<>]*@/gu, '://').replace(secretParameter, `$1left-out`);
}
