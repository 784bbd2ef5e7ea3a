/** The URL a text is, or undefined. (`URL.parse` is newer than Node 20.) */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
