/** Every file below /etc: its path, and in one line its kind, mode, owner, and content's hash or link's target. */
export type EtcSnapshot = Record<string, string>;

const walk = `
import hashlib, json, os, stat
seen = {}
for folder, folders, files in os.walk('/etc'):
    for name in folders + files:
        path = os.path.join(folder, name)
        about = os.lstat(path)
        mode = about.st_mode
        if stat.S_ISLNK(mode):
            what = 'link ' + os.readlink(path)
        elif stat.S_ISDIR(mode):
            what = 'folder'
        elif stat.S_ISREG(mode):
            what = 'file ' + hashlib.sha256(open(path, 'rb').read()).hexdigest()
        else:
            what = 'special'
        seen[path] = '%o %d:%d %s' % (stat.S_IMODE(mode), about.st_uid, about.st_gid, what)
print(json.dumps(seen))
`;

/** @param must runs a command in the host, as root */
export async function snapshotEtc(must: (argv: readonly string[]) => Promise<string>): Promise<EtcSnapshot> {
  return JSON.parse(await must(['python3', '-c', walk])) as EtcSnapshot;
}

/**
 * What differs between two snapshots, one line each, sorted by path: `+ path …` is only in the second,
 * `- path …` only in the first, `~ path before -> after` is in both and not the same. Empty when nothing differs.
 */
export function diffEtc(before: EtcSnapshot, after: EtcSnapshot): string[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before[path], after[path]];
    if (was === is) return [];
    if (was === undefined) return [`+ ${path} ${is}`];
    if (is === undefined) return [`- ${path} ${was}`];
    return [`~ ${path} ${was} -> ${is}`];
  });
}
