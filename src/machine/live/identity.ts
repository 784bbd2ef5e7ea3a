import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { arch, homedir, hostname, release, userInfo } from 'node:os';
import { join } from 'node:path';
import { readVariables } from '../environment-variables.ts';
import type { Identity, PlatformName } from '../machine.ts';

/** Who runs the doctor, and on what. Reads a few small files, starts nothing. */
export function identifyLive(): Identity {
  const platform = platformName();
  const { user, uid } = whoAmI();
  const invokedBy = uid === 0 ? sudoUser(process.env, readText('/etc/passwd'), platform) : undefined;
  return {
    platform,
    environment: environmentOf({
      platform,
      release: release(),
      variables: process.env,
      containerFiles: ['/.dockerenv', '/run/.containerenv'].some((path) => existsSync(path)),
    }),
    arch: arch(),
    release: release(),
    hostname: hostname(),
    elevated: platform === 'win32' ? elevatedOnWindows() : process.geteuid?.() === 0,
    user,
    uid,
    home: homedir(),
    env: readEnvironment(process.env),
    ...(invokedBy === undefined ? {} : { invokedBy }),
  };
}

function platformName(): PlatformName {
  return process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
}

export function readEnvironment(variables: NodeJS.ProcessEnv): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name of readVariables) {
    const value = variables[name];
    if (value !== undefined) read[name] = value;
  }
  return read;
}

/**
 * Where the process stands. WSL shows in the kernel's release: `4.4.0-19041-Microsoft` in version 1,
 * `…-microsoft-standard-WSL2` in version 2. Docker leaves /.dockerenv, Podman /run/.containerenv and `container=podman`.
 * A machine container with an init of its own (systemd-nspawn, LXC) counts as a host.
 */
export function environmentOf(seen: {
  platform: PlatformName;
  release: string;
  variables: NodeJS.ProcessEnv;
  containerFiles: boolean;
}): Identity['environment'] {
  if (seen.platform !== 'linux') return 'native';
  const named = ['docker', 'podman', 'oci'].includes(seen.variables['container'] ?? '');
  if (seen.containerFiles || named || seen.variables['KUBERNETES_SERVICE_HOST'] !== undefined)
    return 'container';
  if (/microsoft-standard|WSL2/i.test(seen.release)) return 'wsl2';
  return /-microsoft$/i.test(seen.release) ? 'wsl1' : 'native';
}

/**
 * The user who ran sudo, by SUDO_UID, with the home folder of passwd(5). Undefined when root ran it. A user that is not
 * in the file (LDAP, macOS) gets the platform's usual home.
 */
export function sudoUser(
  variables: NodeJS.ProcessEnv,
  passwd: string,
  platform: PlatformName,
): Identity['invokedBy'] | undefined {
  const digits = variables['SUDO_UID'] ?? '';
  if (!/^\d{1,10}$/.test(digits) || Number(digits) === 0) return undefined;
  const uid = Number(digits);
  for (const line of passwd.split('\n')) {
    const [name, , id, , , home] = line.split(':');
    if (id === digits && name !== undefined && home !== undefined) return { user: name, uid, home };
  }
  const user = variables['SUDO_USER'] ?? '';
  if (!/^[A-Za-z0-9_.-]+$/.test(user)) return undefined;
  return { user, uid, home: `${platform === 'darwin' ? '/Users' : '/home'}/${user}` };
}

function whoAmI(): { user: string; uid: number } {
  try {
    const { username, uid } = userInfo();
    return { user: username, uid };
  } catch {
    // No entry in passwd for this id, as with `docker run --user 1234`.
    const uid = process.getuid?.() ?? -1;
    return { user: process.env['USER'] ?? `uid ${uid}`, uid };
  }
}

/** Only an elevated token may list this folder; asking costs no process, unlike `whoami /groups`. */
function elevatedOnWindows(): boolean {
  try {
    readdirSync(join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'config'));
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
