import { describe, expect, test } from 'vitest';
import { matchLine } from '../../../src/findings/errors/match-line.ts';

describe('words that others print as well', () => {
  test.each([
    "model 'User' not found",
    'Error: Model "Post" not found in schema.prisma',
    '404 page not found',
  ])('are a weak suspicion, which says so: %s', (line) => {
    const match = matchLine(line);
    expect(match?.error.telling).toBe('wrapper');
    expect(match?.suspicion.meaning).toMatch(/^Perhaps not about Ollama/u);
  });

  test.each([
    ["model 'llama3:8b' not found", 'model-missing'],
    ["ollama._types.ResponseError: model 'x' not found (status code: 404)", 'model-missing'],
    ['{"error":"model \\"x\\" not found"}', 'model-missing'],
    ['model "x" not found, try pulling it first', 'model-missing'],
    ['POST http://172.17.0.1:11434/chat/completions: 404 page not found', 'not-found-page'],
    ['Failed to load resource: the server responded with a status of 403 ()', 'forbidden'],
    ['POST http://localhost:11434/api/chat 403 (Forbidden)', 'forbidden'],
    ['POST http://localhost:11434/api/chat 403 ()', 'forbidden'],
    ['/etc/systemd/system/ollama.service:3: Assignment outside of section. Ignoring.', 'assignment-ignored'],
  ])('are taken for what Ollama means by them where the line speaks of it: %s', (line, id) => {
    expect(matchLine(line)?.error.id).toBe(id);
  });

  test.each([
    '/etc/systemd/system/sshd.service:3: Assignment outside of section. Ignoring.',
    "/etc/systemd/system/sshd.service:3: Missing '=', ignoring line.",
  ])('are none where another service is named: %s', (line) => {
    expect(matchLine(line)).toBeUndefined();
  });

  test('a timeout behind a connection suspects no firewall', () => {
    expect(matchLine("code: 'UND_ERR_HEADERS_TIMEOUT'")?.suspicion.codes).not.toContain('firewall-drop');
  });
});
