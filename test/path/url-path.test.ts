import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathFault } from '../../src/path/url-path.ts';

const fault = (path: string, api: 'ollama' | 'openai' | 'unknown', variable = 'OLLAMA_BASE_URL') =>
  pathFault(new URL(`http://h:11434${path}`), api, variable);

describe('a path that does not fit the program', () => {
  test.each([
    ['/v1', 'ollama', 'http://h:11434', '/v1/api/version', '/api/version'],
    ['/v1/', 'ollama', 'http://h:11434', '/v1/api/version', '/api/version'],
    ['/api', 'ollama', 'http://h:11434', '/api/api/version', '/api/version'],
    ['/api/v1', 'ollama', 'http://h:11434', '/api/v1/api/version', '/api/version'],
    ['//', 'ollama', 'http://h:11434', '//api/version', '/api/version'],
    ['//v1', 'openai', 'http://h:11434/v1', '//v1/models', '/v1/models'],
    ['/', 'openai', 'http://h:11434/v1', '/models', '/v1/models'],
    ['/api', 'openai', 'http://h:11434/v1', '/api/models', '/v1/models'],
    ['/v1/v1', 'openai', 'http://h:11434/v1', '/v1/v1/models', '/v1/models'],
    ['/ollama/v1', 'ollama', 'http://h:11434/ollama', '/ollama/v1/api/version', '/ollama/api/version'],
    ['/v1/v1', 'unknown', 'http://h:11434/v1', '/v1/v1/models', '/v1/models'],
  ] as const)('%s for a program that speaks %s', (path, api, better, asked, right) => {
    const found = fault(path, api);
    expect(found?.better).toBe(better);
    expect(found?.asked.href).toBe(`http://h:11434${asked}`);
    expect(found?.right.href).toBe(`http://h:11434${right}`);
  });

  test.each([
    ['/', 'ollama'],
    ['/v1', 'openai'],
    ['/v1/', 'openai'],
    ['/', 'unknown'],
    ['/v1', 'unknown'],
    ['/ollama', 'ollama'],
    ['/api/generate', 'ollama'],
    ['/v1/chat/completions', 'openai'],
  ] as const)('%s is right for one that speaks %s', (path, api) => {
    expect(fault(path, api)).toBeUndefined();
  });

  test('/api is wrong for OLLAMA_URL, and was right for Open WebUI’s old OLLAMA_API_BASE_URL', () => {
    expect(fault('/api', 'unknown', 'OLLAMA_URL')?.better).toBe('http://h:11434');
    expect(fault('/api', 'ollama', 'OLLAMA_API_BASE_URL')).toBeUndefined();
    expect(fault('/api', 'unknown', 'LLM_BASE_URL')).toBeUndefined();
  });

  test('no path makes it throw', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.constantFrom('ollama', 'openai', 'unknown'), (path, api) => {
        expect(() => fault(`/${path}`, api)).not.toThrow();
      }),
    );
  });
});
