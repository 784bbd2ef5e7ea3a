import { minify } from 'rolldown/utils';

/** Makes chunks small. Those that hold our own code keep the names of its functions, so that a stack still tells where it broke. */
export function minifyChunks() {
  return {
    name: 'minify-chunks',
    async generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      await Promise.all(
        chunks.map(async (chunk) => {
          const { code, errors } = await minify(chunk.fileName, chunk.code, {
            module: true,
            compress: true,
            mangle: { toplevel: holdsOnlyPackages(chunk) },
          });
          if (errors.length > 0) throw new Error(`${chunk.fileName}: ${errors[0].message}`);
          chunk.code = code;
        }),
      );
    },
  };
}

function holdsOnlyPackages(chunk) {
  return Object.keys(chunk.modules).every((id) => id.includes('node_modules') || id.startsWith('\0'));
}
