/**
 * Packages that dockerode pulls in for what is never done here: `ssh://` endpoints (asked through the `docker`
 * command), and BuildKit sessions of `buildImage`. They are three quarters of its size, and cpu-features and ssh2
 * are compiled at install.
 */
const unused = ['ssh2', 'cpu-features', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'];

const mark = '\0unused:';

/** Replaces each by an empty module whose members say, when used, which package is left out. */
export function stubUnused() {
  return {
    name: 'stub-unused',
    /** @param {string} source */
    resolveId(source) {
      return unused.some((name) => source === name || source.startsWith(`${name}/`)) ? mark + source : null;
    },
    /** @param {string} id */
    load(id) {
      if (!id.startsWith(mark)) return null;
      const name = JSON.stringify(id.slice(mark.length));
      return `module.exports = new Proxy(function () {}, {
        get(target, key) { return key === '__esModule' ? false : target[key]; },
        apply() { throw new Error(${name} + ' is not part of this program'); },
        construct() { throw new Error(${name} + ' is not part of this program'); },
      });`;
    },
  };
}
