import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import type { FileState, ListResult, ReadResult } from '../machine.ts';

/** The text; the one word `denied` is a file that may not be read. */
export type FileScript =
  | string
  | { text: string; mode?: number; uid?: number; gid?: number }
  | { link: string };

interface StoredFile {
  kind: 'file';
  text: string;
  mode: number;
  uid: number;
  gid: number;
}

type Node = StoredFile | { kind: 'directory' } | { kind: 'link'; target: string } | { kind: 'denied' };

/** A small file system in memory, with POSIX paths. Parents of every file are there. */
export interface MemoryFiles {
  read(path: string, maxBytes: number): ReadResult;
  list(path: string): ListResult;
  /** The text of a file (links followed), or undefined. */
  text(path: string): string | undefined;
  /** Puts a file there, parents included; a file that is there keeps what is not given. Returns the parents made. */
  put(path: string, text: string, attributes?: { mode?: number; uid?: number; gid?: number }): string[];
  remove(path: string): void;
  removeEmptyDirectory(path: string): void;
  state(path: string): FileState;
  /** Every regular file with its text, sorted by path: for comparing before and after. */
  all(): Record<string, string>;
}

export function memoryFiles(script: Record<string, FileScript>): MemoryFiles {
  const nodes = new Map<string, Node>([['/', { kind: 'directory' }]]);

  function follow(path: string): string {
    let at = posix.normalize(path);
    for (let hops = 0; hops < 40; hops += 1) {
      const node = nodes.get(at);
      if (node?.kind !== 'link') return at;
      at = posix.resolve(posix.dirname(at), node.target);
    }
    return at;
  }

  function makeParents(path: string): string[] {
    const made: string[] = [];
    for (let at = posix.dirname(path); !nodes.has(at); at = posix.dirname(at)) made.unshift(at);
    for (const directory of made) nodes.set(directory, { kind: 'directory' });
    return made;
  }

  function children(path: string): string[] {
    const names = [...nodes.keys()].filter((one) => one !== path && posix.dirname(one) === path);
    return names.map((one) => posix.basename(one)).toSorted();
  }

  const files: MemoryFiles = {
    read(path, maxBytes) {
      const node = nodes.get(follow(path));
      if (node === undefined) return { outcome: 'absent' };
      if (node.kind === 'denied') return { outcome: 'denied' };
      if (node.kind !== 'file') return { outcome: 'failed', message: `${path} is a directory` };
      const bytes = Buffer.from(node.text);
      if (bytes.length <= maxBytes) return { outcome: 'read', text: node.text, truncated: false };
      return { outcome: 'read', text: bytes.subarray(0, maxBytes).toString('utf8'), truncated: true };
    },
    list(path) {
      const at = follow(path);
      const node = nodes.get(at);
      if (node === undefined || node.kind === 'file') return { outcome: 'absent' };
      if (node.kind === 'denied') return { outcome: 'denied' };
      return { outcome: 'listed', names: children(at) };
    },
    text(path) {
      const node = nodes.get(follow(path));
      return node?.kind === 'file' ? node.text : undefined;
    },
    put(path, text, attributes = {}) {
      const at = follow(path);
      const made = makeParents(at);
      const before = nodes.get(at);
      const kept = before?.kind === 'file' ? before : { mode: 0o644, uid: 0, gid: 0 };
      nodes.set(at, {
        kind: 'file',
        text,
        mode: attributes.mode ?? kept.mode,
        uid: attributes.uid ?? kept.uid,
        gid: attributes.gid ?? kept.gid,
      });
      return made;
    },
    remove(path) {
      nodes.delete(posix.normalize(path));
    },
    removeEmptyDirectory(path) {
      const at = posix.normalize(path);
      if (nodes.get(at)?.kind === 'directory' && children(at).length === 0) nodes.delete(at);
    },
    state(path) {
      const node = nodes.get(posix.normalize(path));
      if (node === undefined) return { state: 'absent' };
      if (node.kind === 'link') return { state: 'link', target: node.target };
      if (node.kind !== 'file') return { state: 'other', what: 'a directory' };
      const { mode, uid, gid } = node;
      return { state: 'file', contentBase64: Buffer.from(node.text).toString('base64'), mode, uid, gid };
    },
    all() {
      const texts: Record<string, string> = {};
      for (const path of [...nodes.keys()].toSorted()) {
        const node = nodes.get(path);
        if (node?.kind === 'file') texts[path] = node.text;
      }
      return texts;
    },
  };

  for (const [path, file] of Object.entries(script)) {
    if (typeof file === 'string' && file !== 'denied') files.put(path, file);
    else {
      makeParents(path);
      if (file === 'denied') nodes.set(path, { kind: 'denied' });
      else if (typeof file !== 'string' && 'link' in file)
        nodes.set(path, { kind: 'link', target: file.link });
      else if (typeof file !== 'string') files.put(path, file.text, file);
    }
  }
  return files;
}
