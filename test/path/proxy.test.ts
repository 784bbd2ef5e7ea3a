import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/path/proxy.ts';

const url = new URL('http://host.docker.internal:11434/');
const past = (noProxy: string, of = url): string[] | undefined =>
  proxyFor({ HTTP_PROXY: 'http://proxy:3128', NO_PROXY: noProxy }, of)?.past;
const everyone = ['Go', 'curl', 'Python', 'Node (axios)'];

describe('which proxy a program asks', () => {
  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: 'http://p:1' }, undefined],
    [{ HTTP_PROXY: '' }, undefined],
    [{ HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
    [{ http_proxy: 'p:1', HTTP_PROXY: 'http://q:2' }, 'http://p:1'],
    [{ ALL_PROXY: 'socks5://p:1080' }, 'socks5://p:1080'],
    [{ http_proxy: 'http://p:1', all_proxy: 'http://q:2' }, 'http://p:1'],
  ])('%j: %s', (env, proxy) => {
    const found = proxyFor(env, url)?.proxy;
    expect(found?.href.replace(/\/$/u, '')).toBe(proxy);
  });

  test('https addresses have a variable of their own', () => {
    expect(proxyFor({ HTTP_PROXY: 'http://p:1' }, new URL('https://h/'))).toBeUndefined();
    expect(proxyFor({ HTTPS_PROXY: 'http://p:1' }, new URL('https://h/'))?.variable).toBe('HTTPS_PROXY');
  });

  test.each([
    ['', []],
    ['localhost,127.0.0.1', []],
    ['host.docker.internal', everyone],
    ['a.com, host.docker.internal', everyone],
    ['HOST.docker.internal', everyone],
    ['*', everyone],
    ['.docker.internal', everyone],
    ['docker.internal', ['Go', 'curl', 'Python']],
    ['*.docker.internal', ['Go', 'Node (axios)']],
    ['host.docker.internal:11434', ['Go', 'Python', 'Node (axios)']],
    ['host.docker.internal:80', []],
    ['internal.docker', []],
  ])('NO_PROXY=%s', (value, who) => {
    expect(past(value)).toEqual(who);
  });

  test('ranges and loopback are understood by some', () => {
    expect(past('172.16.0.0/12', new URL('http://172.17.0.1:11434'))).toEqual(['Go', 'curl', 'Python']);
    expect(past('172.16.0.0/12')).toEqual([]);
    expect(past('', new URL('http://localhost:11434'))).toEqual(['Go']);
    expect(past('', new URL('http://127.0.0.1:11434'))).toEqual(['Go']);
  });

  test('no value makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (proxy, noProxy) => {
        expect(() => proxyFor({ http_proxy: proxy, no_proxy: noProxy }, url)).not.toThrow();
      }),
    );
  });
});
