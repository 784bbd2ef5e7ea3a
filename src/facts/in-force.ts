import type { Setting } from './service.ts';

/**
 * The assignment of a variable that counts, of all that are written somewhere.
 * @returns undefined where none does, or of no settings
 */
export function settingInForce(
  settings: readonly Setting[] | undefined,
  variable: string,
): Setting | undefined {
  return settings?.find((one) => one.variable === variable && one.status === 'in-force');
}
