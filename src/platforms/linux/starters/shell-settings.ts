import type { Setting } from '../../../facts/service.ts';
import { isReadName } from '../../../machine/redaction/names.ts';

/**
 * What a file that a shell reads says of `OLLAMA_` variables: OpenRC's /etc/conf.d/NAME, a run script of runit. A
 * variable that is not exported stays in that shell and never reaches the server (sh(1)). Values are taken as they
 * are written, without expansion; never throws.
 */
export function parseShellSettings(file: string, text: string): Setting[] {
  const lines = text.split('\n');
  const allExported = lines.some((line) => /^\s*set\s+(?:-\w*a\w*|-o\s+allexport)\b/u.test(line));
  const exported = new Set(
    lines.flatMap((line) => /^\s*export\s+(.*)$/u.exec(line)?.[1]?.match(/\bOLLAMA_\w+/gu) ?? []),
  );
  return lines.flatMap((line, at): Setting[] => {
    const [, variable, quoted, single, plain = ''] =
      /^\s*(?:export\s+)?(OLLAMA_\w+)=(?:"([^"]*)"|'([^']*)'|([^\s;#"']*))/u.exec(line) ?? [];
    if (variable === undefined || !isReadName(variable)) return [];
    const counts = allExported || exported.has(variable);
    return [
      {
        variable,
        value: quoted ?? single ?? plain,
        file,
        line: at + 1,
        text: line.trim(),
        kind: 'environment-file',
        status: counts ? 'in-force' : 'ignored',
        ...(!counts && { because: `${variable} is set there and not exported, so the server never gets it` }),
      },
    ];
  });
}
