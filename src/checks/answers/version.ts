import type { Finding } from '../../engine/check.ts';

/**
 * Whether the version is one that was required. Suffixes such as `-rc1` count as the version they lead to.
 * @param found what is said of the server otherwise
 */
export async function ofVersion(version: string, wanted: string, found: Finding): Promise<Finding> {
  const { default: semver } = await import('semver');
  const number = semver.coerce(version);
  if (!number)
    return {
      ...found,
      status: 'inconclusive',
      summary: `Ollama calls its version ${version}: not comparable with ${wanted}`,
      matters: true,
    };
  if (number.version === '0.0.0')
    return {
      ...found,
      status: 'inconclusive',
      summary: `Ollama calls its version ${version}, as one does that was built from source without a version: whether it is ${wanted} cannot be told`,
      instructions: [
        "set it when building: go build -ldflags '-X=github.com/ollama/ollama/version.Version=0.13.0' .",
      ],
      matters: true,
    };
  if (semver.satisfies(number, wanted.replaceAll(',', ' '))) return found;
  return {
    status: 'fail',
    code: 'version-mismatch',
    summary: `Ollama is of version ${version}, and ${wanted} is required`,
    evidence: found.evidence ?? [],
    instructions: [
      'get another version: https://ollama.com/download (install.sh takes OLLAMA_VERSION=0.5.7)',
    ],
  };
}
