import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnHeaders, parseOwnHeaders, withOwnHeaders } from '../../src/machine/own-headers.ts';
import { record } from '../../src/machine/recording.ts';
import { simulate } from '../../src/machine/simulated.ts';

const read = (text: string): OwnHeaders => {
  const own = parseOwnHeaders(text);
  if ('problem' in own) throw new Error(own.problem);
  return own;
};

describe('what OLLAMA_DOCTOR_HEADER holds', () => {
  it('is a header, or several on lines of their own', () => {
    expect(read('Authorization: Bearer s3cret').headers).toEqual({ authorization: 'Bearer s3cret' });
    expect(read(' CF-Access-Client-Id: one\nCF-Access-Client-Secret:two\n').headers).toEqual({
      'cf-access-client-id': 'one',
      'cf-access-client-secret': 'two',
    });
  });

  it.each([
    's3cret',
    'Bearer s3cret',
    ': s3cret',
    'A B: s3cret',
    'X-Key:',
    'X-Key: s3\u0000cret',
    'X-Key: s3cr€t',
  ])('is refused when it is none, without a word of it: %j', (text) => {
    const own = parseOwnHeaders(text);
    expect(own).toHaveProperty('problem');
    expect(JSON.stringify(own)).not.toMatch(/s3cr|cret/u);
  });

  it.each(['Host: evil', 'Content-Length: 7', 'transfer-encoding: chunked'])(
    'may not make another request of it: %s',
    (text) => {
      expect(parseOwnHeaders(text)).toHaveProperty('problem');
    },
  );

  it('hides the token without its scheme, and what is in Basic credentials', () => {
    const basic = Buffer.from('dora:pa55word').toString('base64');
    expect(read('Authorization: Bearer s3cret').secrets).toContain('s3cret');
    expect(read(`Authorization: Basic ${basic}`).secrets).toEqual(
      expect.arrayContaining([basic, 'dora:pa55word', 'pa55word']),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof parseOwnHeaders(text)).toBe('object');
      }),
    );
  });
});

describe('a machine with headers of the user', () => {
  const secret = 's3cret"\\token';
  const own = read(`Authorization: Bearer ${secret}`);
  const url = 'http://127.0.0.1:11434/api/version';
  const echo = simulate({
    request: {
      [url]: (request) => ({
        status: 200,
        headers: {
          'x-echo': request.headers?.['authorization'] ?? 'none',
          server: `saw ${request.headers?.['authorization']}`,
        },
        body: { headers: request.headers },
      }),
    },
  });

  it('sends them where that is asked for, and nowhere else', async () => {
    const sent: unknown[] = [];
    const machine = withOwnHeaders(
      simulate({
        request: { [url]: (request) => (sent.push(request.headers?.['authorization']), { status: 200 }) },
      }),
      own,
    );
    await machine.request({ url, ownHeaders: true, headers: { accept: '*/*' } });
    await machine.request({ url });
    await machine.enter('container:web', (outside) => outside).request({ url, ownHeaders: true });
    expect(sent).toEqual([`Bearer ${secret}`, undefined, undefined]);
  });

  it('has them in no answer, whatever a server repeats, and so in no recording', async () => {
    const recorder = record(withOwnHeaders(echo, own));
    const answer = await recorder.machine.request({ url, ownHeaders: true });
    expect(JSON.stringify(answer)).toContain('(left out)');
    for (const text of [JSON.stringify(answer), JSON.stringify(recorder.recording())])
      expect(text).not.toMatch(/s3cret|token/u);
  });

  it.each([
    'Authorization: Bearer ollama',
    'X-Id: 1',
    'X-Key: d',
    'X-On: true',
    'X-Level: 0.12',
    'X-Forwarded-Proto: https',
  ])('leave an answer of Ollama what it is when they are short: %s', async (line) => {
    const body = '{"models": [{"name": "ollama-d:1", "size": 1, "digest": "d1", "on": true, "v": "0.12.3"}]}';
    const server = simulate({
      request: { [url]: { status: 200, headers: { location: 'https://a/d' }, body } },
    });
    const answer = await withOwnHeaders(server, read(line)).request({ url, ownHeaders: true });
    expect(answer).toMatchObject({ body, headers: { location: 'https://a/d' } });
  });

  it('are cut when they are short as well, where they stand by themselves', async () => {
    const short = withOwnHeaders(echo, read('Authorization: Bearer pa55'));
    const answer = await short.request({ url, ownHeaders: true });
    expect(JSON.stringify(answer)).toContain('(left out)');
    expect(JSON.stringify(answer)).not.toContain('pa55');
  });
});
