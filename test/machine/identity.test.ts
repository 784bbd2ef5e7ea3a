import { describe, expect, it } from 'vitest';
import { environmentOf, readEnvironment, sudoUser } from '../../src/machine/live/identity.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna,,,:/srv/homes/anna:/bin/zsh\nbroken line\n';

describe('who is behind sudo', () => {
  it('is the user of SUDO_UID, with the home of passwd', () => {
    const found = sudoUser({ SUDO_UID: '1000', SUDO_USER: 'someone' }, passwd, 'linux');
    expect(found).toEqual({ user: 'anna', uid: 1000, home: '/srv/homes/anna' });
  });

  it('gets the usual home when passwd does not know the user', () => {
    const variables = { SUDO_UID: '501', SUDO_USER: 'ben' };
    expect(sudoUser(variables, passwd, 'darwin')).toEqual({ user: 'ben', uid: 501, home: '/Users/ben' });
    expect(sudoUser(variables, '', 'linux')).toEqual({ user: 'ben', uid: 501, home: '/home/ben' });
  });

  it('is nobody when root ran it, or the variables make no sense', () => {
    expect(sudoUser({}, passwd, 'linux')).toBeUndefined();
    expect(sudoUser({ SUDO_UID: '0', SUDO_USER: 'root' }, passwd, 'linux')).toBeUndefined();
    expect(sudoUser({ SUDO_UID: '12x', SUDO_USER: 'a' }, passwd, 'linux')).toBeUndefined();
    expect(sudoUser({ SUDO_UID: '77', SUDO_USER: '../../etc' }, passwd, 'linux')).toBeUndefined();
  });
});

describe('where the process stands', () => {
  const plain = {
    platform: 'linux',
    release: '6.1.0-18-amd64',
    variables: {},
    containerFiles: false,
  } as const;

  it('tells the two WSLs, containers and plain hosts apart', () => {
    expect(environmentOf(plain)).toBe('native');
    expect(environmentOf({ ...plain, release: '4.4.0-19041-Microsoft' })).toBe('wsl1');
    expect(environmentOf({ ...plain, release: '5.15.153.1-microsoft-standard-WSL2' })).toBe('wsl2');
    expect(environmentOf({ ...plain, containerFiles: true })).toBe('container');
    expect(environmentOf({ ...plain, variables: { container: 'podman' } })).toBe('container');
    expect(environmentOf({ ...plain, variables: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } })).toBe('container');
  });

  it('takes a container in WSL for a container, and one with an init of its own for a host', () => {
    expect(environmentOf({ ...plain, release: 'x-microsoft-standard-WSL2', containerFiles: true })).toBe(
      'container',
    );
    expect(environmentOf({ ...plain, variables: { container: 'systemd-nspawn' } })).toBe('native');
    expect(environmentOf({ ...plain, platform: 'win32', release: '10.0.22631' })).toBe('native');
  });
});

describe('the environment', () => {
  it('is read by name, and nothing else of it', () => {
    const read = readEnvironment({
      OLLAMA_HOST: '0.0.0.0',
      AWS_SECRET_ACCESS_KEY: 'x',
      OPENAI_API_KEY: 'y',
      no_proxy: 'z',
    });
    expect(read).toEqual({ OLLAMA_HOST: '0.0.0.0', no_proxy: 'z' });
  });
});
