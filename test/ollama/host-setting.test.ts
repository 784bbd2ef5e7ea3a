import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientUrl, formatHostSetting, parseOllamaHost, serverUrl } from '../../src/ollama/host-setting.ts';

/** What Ollama makes of each value: TestHost of Ollama's envconfig, and what its algorithm gives for the traps. */
const table: [value: string | undefined, meaning: string, listensOn: string][] = [
  [undefined, 'http://127.0.0.1:11434', 'loopback 127.0.0.1'],
  ['', 'http://127.0.0.1:11434', 'loopback 127.0.0.1'],
  ['1.2.3.4', 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  [':1234', 'http://:1234', 'all'],
  ['1.2.3.4:1234', 'http://1.2.3.4:1234', 'address 1.2.3.4'],
  ['0.0.0.0', 'http://0.0.0.0:11434', 'all'],
  ['0.0.0.0:', 'http://0.0.0.0:11434', 'all'],
  ['0.0.0.0:11434', 'http://0.0.0.0:11434', 'all'],
  ['example.com', 'http://example.com:11434', 'name example.com'],
  ['example.com:1234', 'http://example.com:1234', 'name example.com'],
  [':0', 'http://:0', 'all'],
  [':66000', 'http://:11434', 'all'],
  [':-1', 'http://:11434', 'all'],
  ['[::1]', 'http://[::1]:11434', 'loopback ::1'],
  ['::1', 'http://[::1]:11434', 'loopback ::1'],
  ['[::]', 'http://[::]:11434', 'all'],
  ['::', 'http://[::]:11434', 'all'],
  ['[::1]:1337', 'http://[::1]:1337', 'loopback ::1'],
  [' 1.2.3.4 ', 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  ['" 1.2.3.4 "', 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  [' " 1.2.3.4 " ', 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  ["'1.2.3.4'", 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  [`"'1.2.3.4'"`, 'http://1.2.3.4:11434', 'address 1.2.3.4'],
  ['http://1.2.3.4', 'http://1.2.3.4:80', 'address 1.2.3.4'],
  ['http://1.2.3.4:', 'http://1.2.3.4:80', 'address 1.2.3.4'],
  ['http://1.2.3.4:66000', 'http://1.2.3.4:80', 'address 1.2.3.4'],
  ['http://0.0.0.0', 'http://0.0.0.0:80', 'all'],
  ['http://0.0.0.0:11434/', 'http://0.0.0.0:11434', 'all'],
  ['https://1.2.3.4', 'https://1.2.3.4:443', 'address 1.2.3.4'],
  ['https://1.2.3.4:1234', 'https://1.2.3.4:1234', 'address 1.2.3.4'],
  ['https://example.com/ollama', 'https://example.com:443/ollama', 'name example.com'],
  ['http://example.com:1234/a/b', 'http://example.com:1234/a/b', 'name example.com'],
  ['ollama.com', 'https://ollama.com:443', 'name ollama.com'],
  ['tcp://1.2.3.4', 'tcp://1.2.3.4:11434', 'address 1.2.3.4'],
  ['::1:11434', 'http://[::1:11434]:11434', 'invalid ::1:11434'],
  ['::1:8080', 'http://[::1:8080]:11434', 'address ::1:8080'],
  ['localhost', 'http://localhost:11434', 'loopback 127.0.0.1'],
  ['127.0.0.2:11434', 'http://127.0.0.2:11434', 'loopback 127.0.0.2'],
  ['::ffff:127.0.0.1', 'http://127.0.0.1:11434', 'loopback 127.0.0.1'],
  ['[fe80::1%eth0]:11434', 'http://[fe80::1%eth0]:11434', 'address fe80::1%eth0'],
  ['\u201c0.0.0.0\u201d', 'http://\u201c0.0.0.0\u201d:11434', 'invalid \u201c0.0.0.0\u201d'],
  ['0.0.0.0:+80', 'http://0.0.0.0:80', 'all'],
  ['0.0.0.0:0x50', 'http://0.0.0.0:11434', 'all'],
  ['[::1', 'http://[::1]:11434', 'loopback ::1'],
  ['300.1.1.1', 'http://300.1.1.1:11434', 'invalid 300.1.1.1'],
];

describe('OLLAMA_HOST as Ollama reads it', () => {
  test.each(table)('%j means %s', (value, meaning, listensOn) => {
    const setting = parseOllamaHost(value);
    expect(formatHostSetting(setting)).toBe(meaning);
    expect(Object.values(setting.listensOn).join(' ')).toBe(listensOn);
  });

  test.each([
    ['http://0.0.0.0', 'port 80, not 11434'],
    ['https://0.0.0.0', 'port 443, not 11434'],
    ['https://0.0.0.0:11434', 'has no TLS'],
    [':0', 'another port at every start'],
    [':66000', 'cannot use the port "66000" and takes 11434'],
    ['0.0.0.0:', 'cannot use the port "" and takes 11434'],
    ['::1:11434', 'needs brackets; Ollama reads "::1:11434" as no address at all'],
    ['::1:8080', 'as the address ::1:8080 with port 11434'],
    ['\u201c0.0.0.0\u201d', 'typographic quotes'],
    ['not a name', 'neither an address nor a name'],
  ])('%j is warned about: %s', (value, warning) => {
    expect(parseOllamaHost(value).warnings.join('\n')).toContain(warning);
  });

  test.each(['', '0.0.0.0', '0.0.0.0:11434', '"127.0.0.1"', '[::]:11434', 'http://0.0.0.0:11434', ':8080'])(
    '%j is no surprise',
    (value) => {
      expect(parseOllamaHost(value).warnings).toEqual([]);
    },
  );

  test('any text gives a port, a host and the addresses listened on, and means the same as it is printed', () => {
    const pieces = fc.constantFrom(
      'http',
      '://',
      ':',
      '[',
      ']',
      '::1',
      '0.0.0.0',
      '"',
      "'",
      ' ',
      '/',
      '%',
      '80',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const setting = parseOllamaHost(value);
        expect(setting.port).toBeGreaterThanOrEqual(0);
        expect(setting.port).toBeLessThanOrEqual(65_535);
        expect(setting.port % 1).toBe(0);
        expect(setting.host === '' && setting.listensOn.kind !== 'all').toBe(false);
        // As Ollama prints it, it means the same again.
        const again = parseOllamaHost(formatHostSetting(setting));
        const isPlain = setting.listensOn.kind !== 'invalid' && setting.scheme === 'http';
        expect(isPlain ? [again.host, again.port] : []).toEqual(isPlain ? [setting.host, setting.port] : []);
        expect(setting.listensOn.kind).toMatch(/^(all|loopback|address|name|invalid)$/u);
        // Neither of these may throw either.
        clientUrl(setting);
        serverUrl(setting);
      }),
    );
  });

  test('an address and a port come back as they were written', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65_535 }), (address, port) => {
        expect(parseOllamaHost(`${address}:${port}`)).toMatchObject({
          scheme: 'http',
          host: address,
          port,
          path: '',
        });
      }),
    );
  });
});

describe('where to ask a server with that setting from its own host', () => {
  test.each([
    [undefined, 'http://127.0.0.1:11434/'],
    ['0.0.0.0', 'http://127.0.0.1:11434/'],
    ['[::]:8080', 'http://127.0.0.1:8080/'],
    [':1234', 'http://127.0.0.1:1234/'],
    ['[::1]:1337', 'http://[::1]:1337/'],
    ['localhost', 'http://127.0.0.1:11434/'],
    ['127.0.0.2', 'http://127.0.0.2:11434/'],
    ['192.168.1.5:11434', 'http://192.168.1.5:11434/'],
    ['https://0.0.0.0/ollama', 'http://127.0.0.1:443/'],
  ])('%j answers at %s', (value, url) => {
    expect(serverUrl(parseOllamaHost(value))?.href).toBe(url);
  });

  test.each([':0', '::1:11434', '\u201c0.0.0.0\u201d'])('%j cannot be asked', (value) => {
    expect(serverUrl(parseOllamaHost(value))).toBeUndefined();
  });

  test.each([
    ['0.0.0.0', 'http://127.0.0.1:11434/'],
    ['https://example.com/ollama', 'https://example.com/ollama'],
    ['http://gpu.lan', 'http://gpu.lan/'],
    [undefined, 'http://127.0.0.1:11434/'],
    [':1234', 'http://127.0.0.1:1234/'],
    ['[::]:8080', 'http://127.0.0.1:8080/'],
    ['https://gpu.lan:8443/ollama/', 'https://gpu.lan:8443/ollama/'],
    ['https://0.0.0.0', 'https://127.0.0.1/'],
    ['ollama.com', 'https://ollama.com/'],
  ])('a client with %j asks %s', (value, url) => {
    expect(clientUrl(parseOllamaHost(value))?.href).toBe(url);
  });
});
