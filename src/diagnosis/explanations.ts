import type { Row } from '../engine/check.ts';

/**
 * What explains what, as data: a symptom on the left is no cause of its own while one of the causes on the right was
 * found for the same subject or for the host. Only what could really produce the symptom stands there: a loopback
 * bind refuses and never times out, a dropping rule never refuses.
 */
const explains: Readonly<Record<string, readonly string[]>> = {
  'reach-refused': [
    'not-installed',
    'not-running',
    'crash-loop',
    'port-conflict',
    'bind-loopback',
    'bind-unreachable-address',
    'bind-wrong-port',
    'url-localhost',
    'url-wrong-port',
    'url-https',
    'url-alias',
    'url-stale-gateway',
    'dns-wrong-address',
    'route-wrong',
    'bind-dual-stack',
    'firewall-reject',
  ],
  'dns-missing': ['url-alias'],
  'reach-timeout': [
    'firewall-drop',
    'bind-dual-stack',
    'route-wrong',
    'dns-wrong-address',
    'url-stale-gateway',
    'url-alias',
  ],
  'reach-unreachable': [
    'firewall-reject',
    'route-missing',
    'route-wrong',
    'dns-wrong-address',
    'url-stale-gateway',
    'url-alias',
  ],
  'reach-reset': ['not-ollama', 'port-conflict', 'url-https', 'url-localhost', 'url-wrong-port', 'url-alias'],
  'reach-http': [
    'not-ollama',
    'forbidden-host',
    'forbidden-origin',
    'api-error',
    'api-timeout',
    'proxy-hijack',
    'url-https',
    'url-path',
    'url-localhost',
    'url-wrong-port',
    'url-alias',
    'port-conflict',
  ],
};

/** Whether two rows of a subject are about the same thing of it. */
function isSameThing(one: Row, other: Row): boolean {
  return one.about === undefined || other.about === undefined || one.about === other.about;
}

/** Whether a row of the host has to do with a container's. */
function concerns(host: Row, row: Row): boolean {
  return host.subject === 'host' && (host.affects === undefined || host.affects.includes(row.subject));
}

/** Marks the rows that another failed row explains. Returns new rows in the same order. */
export function explainSymptoms(rows: readonly Row[]): Row[] {
  const failed = rows.filter((row) => row.status === 'fail' && row.code !== undefined);
  return rows.map((row) => {
    if (row.status !== 'fail' || row.code === undefined) return row;
    const reasons = explains[row.code];
    const cause = failed.find(
      (other) =>
        other.code !== undefined &&
        reasons?.includes(other.code) === true &&
        (other.subject === row.subject ? isSameThing(other, row) : concerns(other, row)),
    );
    return cause?.code === undefined ? row : { ...row, explainedBy: cause.code };
  });
}
