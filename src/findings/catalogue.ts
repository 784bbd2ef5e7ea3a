import { bindAddress } from './catalogue/bind-address.ts';
import { clientUrl } from './catalogue/client-url.ts';
import { containerDns } from './catalogue/container-dns.ts';
import { containerReach } from './catalogue/container-reach.ts';
import { containerRuntime } from './catalogue/container-runtime.ts';
import { exposure } from './catalogue/exposure.ts';
import { firewall } from './catalogue/firewall.ts';
import { gatewayRoute } from './catalogue/gateway-route.ts';
import { models } from './catalogue/models.ts';
import { ollamaApi } from './catalogue/ollama-api.ts';
import { ollamaService } from './catalogue/ollama-service.ts';
import { persistence } from './catalogue/persistence.ts';
import { portOwner } from './catalogue/port-owner.ts';
import type { CheckId } from './checks.ts';
import type { Entry, Group } from './entry.ts';

/** Every finding code with what people are told about it, under the check that reports it. */
export const catalogue = {
  'ollama-service': ollamaService,
  'bind-address': bindAddress,
  'port-owner': portOwner,
  'ollama-api': ollamaApi,
  models,
  'container-runtime': containerRuntime,
  'client-url': clientUrl,
  'container-dns': containerDns,
  'gateway-route': gatewayRoute,
  firewall,
  'container-reach': containerReach,
  exposure,
  persistence,
} as const satisfies Record<CheckId, Group>;

type Catalogue = typeof catalogue;

/** A code that a finding may carry. Public: scripts rely on them, none is ever renamed. */
export type FindingCode = { [Check in CheckId]: keyof Catalogue[Check] }[CheckId];

/** An entry with its code and the check that reports it. */
export interface FindingEntry extends Entry {
  code: FindingCode;
  check: CheckId;
}

/** All entries, in the order of the checks. */
export const findingEntries: readonly FindingEntry[] = Object.entries(catalogue).flatMap(([check, group]) =>
  Object.entries(group as Group).map(([code, entry]) => ({
    ...entry,
    code: code as FindingCode,
    check: check as CheckId,
  })),
);

const byCode: ReadonlyMap<string, FindingEntry> = new Map(findingEntries.map((entry) => [entry.code, entry]));

/** The entry of a code; undefined for what is none. */
export function findingEntry(code: string): FindingEntry | undefined {
  return byCode.get(code);
}

/** The page of a code, or of a check that found nothing, in the project's documentation. */
export function docsAnchor(codeOrCheck: string): string {
  return `docs/findings.md#${codeOrCheck}`;
}
