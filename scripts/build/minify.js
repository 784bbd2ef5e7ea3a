import { minify } from 'rolldown/utils';

/** Minifies the chunks that hold nothing but packages; our own code stays readable where it breaks. */
export function minifyPackages() {
  return {
    name: 'minify-packages',
    async generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk' && holdsOnlyPackages(file));
      await Promise.all(
        chunks.map(async (chunk) => {
          const { code, errors } = await minify(chunk.fileName, chunk.code, {
            module: true,
            compress: true,
            mangle: { toplevel: true },
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
