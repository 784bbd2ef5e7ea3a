import type { posix } from 'node:path';
import { listAt, mapAt, scalarAt, scalarsAt } from '../model/scope.ts';
import type { Layer } from './layers.ts';

/** A project that a file includes. */
export interface Included {
  paths: string[];
  directory: string;
  envFiles: string[];
  /** True when the file names them; otherwise it is the folder's `.env`, which need not be there. */
  envNamed: boolean;
}

/** What a file includes (compose-spec 14-include.md): paths, or maps with `path`, `project_directory` and `env_file`. */
export function included({ source, root }: Layer, directory: string, paths: typeof posix): Included[] {
  const from = paths.dirname(source.path) || directory;
  return listAt(root.entries.get('include')?.value, 'include').map((item) => {
    const map = item.kind === 'map' ? mapAt(item, 'include') : undefined;
    const named = scalarsAt(map ? map.entries.get('path')?.value : item, 'path');
    const files = named.map((one) => paths.resolve(from, one.text));
    const folder = scalarAt(map?.entries.get('project_directory')?.value, 'project_directory')?.text;
    const place = folder === undefined ? paths.dirname(files[0] ?? from) : paths.resolve(from, folder);
    const env = scalarsAt(map?.entries.get('env_file')?.value, 'env_file');
    return {
      paths: files,
      directory: place,
      envFiles:
        env.length > 0 ? env.map((one) => paths.resolve(from, one.text)) : [paths.join(place, '.env')],
      envNamed: env.length > 0,
    };
  });
}
