import { isIPv6 } from 'node:net';
import { settingInForce } from '../facts/in-force.ts';
import type { OllamaService } from '../facts/service.ts';
import type { Container } from '../facts/containers.ts';
import type { Listener } from '../facts/network.ts';
import { commandsFor } from '../findings/service-commands.ts';
import { parseOllamaHost } from '../ollama/host-setting.ts';
import { meantPort } from '../path/meant-port.ts';
import { badOrigins } from '../ollama/origin-setting.ts';
import { portHolder } from './port-holder.ts';

/** Why a service ends again, for people, and what mends it. */
export interface FailureInWords {
  /** A clause behind the service's name and a colon. */
  summary: string;
  instructions: string[];
}

/**
 * Says in plain words why a service does not come up, from the line of its log that proves it. Every cause is one that
 * Ollama or systemd named; the settings only add where it was written.
 * @param holders who listens on the port it wants, for `port-in-use`
 * @param containers those that were seen; one of them may be who listens
 */
export function failureInWords(
  service: OllamaService,
  holders: readonly Listener[],
  containers: readonly Container[],
): FailureInWords {
  const { failure } = service;
  const { restart } = commandsFor(service);
  const line = failure?.line ?? '';
  switch (failure?.kind) {
    case 'port-in-use':
      return portInUse(service, holders, containers, restart);
    case 'bad-origins':
      return badOriginsInWords(service, restart);
    case 'low-port':
      return lowPort(service, line, restart);
    case 'bad-address':
      return badAddress(service, line, restart);
    case 'permission':
      return permission(service, line, restart);
    case 'missing-binary': {
      // The line with the path is the child's own, and may stand ahead of systemd's "Started".
      const program = [...service.log, line]
        .map((one) => /(?:spawning|executable|execute) '?(\/[^\s':]+)/u.exec(one)?.[1])
        .findLast((path) => path !== undefined);
      return {
        summary: `${program ?? 'the program that it starts'} is not there, or cannot be run`,
        instructions: [
          'install Ollama again: https://ollama.com/download',
          `or put the right path into ExecStart= of ${service.definition ?? service.name}, then: ${restart}`,
        ],
      };
    }
    case 'missing-library': {
      const library = /shared libraries: ([^\s:]+)/u.exec(line)?.[1];
      return {
        summary: `the library ${library ?? 'that it needs'} is missing`,
        instructions: ['install Ollama again: https://ollama.com/download', restart],
      };
    }
    case 'missing-user':
      return {
        summary: 'the user that it should run as is not there',
        instructions: [
          `see who that is: systemctl show ${service.name} -p User -p Group`,
          `make it (install.sh does: sudo useradd -r -s /bin/false -U -m -d /usr/share/ollama ollama), then: ${restart}`,
        ],
      };
    case 'killed':
      return killed(line, restart);
    case 'out-of-memory':
      return {
        summary: line.includes('fatal error')
          ? 'it asked for memory and got none: a limit on it (LimitAS=, ulimit -v), or a host that is full'
          : 'the system ran out of memory, and the kernel ended it',
        instructions: [
          line.includes('fatal error')
            ? `see its limits, and how much there is: systemctl show ${service.name} -p LimitAS -p LimitDATA -p MemoryMax; free -h`
            : 'see how much there is: free -h',
          'load a smaller model, or fewer at once (OLLAMA_MAX_LOADED_MODELS=1), or a shorter context',
          restart,
        ],
      };
    case 'other':
    case undefined:
      return {
        summary: line === '' ? 'it starts and ends again' : line,
        instructions: [commandsFor(service).log ?? 'look at its log'],
      };
  }
}

/** signal(7): KILL comes from outside, ILL is an instruction that the processor does not have. */
function killed(line: string, restart: string): FailureInWords {
  const signal = /status=\d+\/([A-Z]+)/u.exec(line)?.[1] ?? '';
  if (signal === 'KILL')
    return {
      summary:
        'something kills it (SIGKILL); most often that is the kernel when memory runs out, which its own log would say',
      instructions: [
        "look there: sudo journalctl -k -n 20 -g 'out of memory|oom'",
        'see how much there is: free -h',
        restart,
      ],
    };
  const why = signal === 'ILL' ? ', at an instruction that this processor does not have' : '';
  return {
    summary: `it falls over (SIG${signal})${why}`,
    instructions: [
      'install Ollama again, the version before it when this one is new: https://ollama.com/download',
      restart,
    ],
  };
}

function portInUse(
  service: OllamaService,
  holders: readonly Listener[],
  containers: readonly Container[],
  restart: string,
): FailureInWords {
  const { port } = parseOllamaHost(service.configuredHost);
  const holder = holders.find((listener) => listener.process)?.process;
  if (!holder)
    return {
      summary: `its port ${port} is taken`,
      instructions: [`see who listens: sudo ss -ltnp 'sport = :${port}'`, `end that, then: ${restart}`],
    };
  const { who, look, end } = portHolder({ port, process: holder }, containers);
  return {
    summary: `its port ${port} is taken by ${who.replace(/,$/u, '')}`,
    instructions: [
      `see what it is: ${look}`,
      `if it is not wanted, end it: ${end ?? 'stop that container'}; then: ${restart}`,
      'if both are wanted, give one of them another port by OLLAMA_HOST',
    ],
  };
}

function badOriginsInWords(service: OllamaService, restart: string): FailureInWords {
  const setting = settingInForce(service.settings, 'OLLAMA_ORIGINS');
  const bad = setting ? badOrigins(setting.value) : [];
  if (!setting || bad.length === 0)
    return {
      summary: 'OLLAMA_ORIGINS has an entry that it cannot take',
      instructions: ['each entry needs http:// or https:// in front, or one *', `then: ${restart}`],
    };
  const entries = bad.map(({ entry }) => `"${entry}"`).join(' and ');
  const meant = bad.flatMap(({ entry, meant: better }) =>
    better === undefined ? [] : [`"${better}" for "${entry}"`],
  );
  return {
    summary: `OLLAMA_ORIGINS (${setting.file}:${setting.line}) has ${entries}, which ends it at once: each entry needs http:// or https:// in front and no blank, or one *`,
    instructions: [
      `in ${setting.file}, line ${setting.line}: ${meant.length > 0 ? `write ${meant.join(', ')}` : `mend ${entries}`}`,
      ...(setting.kind === 'environment' ? ['sudo systemctl daemon-reload'] : []),
      restart,
    ],
  };
}

function lowPort(service: OllamaService, line: string, restart: string): FailureInWords {
  const setting = settingInForce(service.settings, 'OLLAMA_HOST');
  const meaning = parseOllamaHost(service.configuredHost);
  const port = /listen tcp \S*:(\d+):/u.exec(line)?.[1] ?? String(meaning.port);
  const byScheme = setting !== undefined && meantPort(service) !== undefined;
  const where = setting ? `OLLAMA_HOST=${setting.value} (${setting.file}:${setting.line})` : 'OLLAMA_HOST';
  return {
    summary: byScheme
      ? `${where} means port ${port}, as "${meaning.scheme}://" brings its own default; only root may listen below 1024`
      : `it may not listen on port ${port}: only root may below 1024`,
    instructions: [
      setting
        ? `in ${setting.file}, line ${setting.line}: OLLAMA_HOST=${hostPart(meaning.host)}:11434`
        : 'give OLLAMA_HOST a port above 1023, as 11434',
      ...(setting?.kind === 'environment' ? ['sudo systemctl daemon-reload'] : []),
      restart,
    ],
  };
}

function hostPart(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function badAddress(service: OllamaService, line: string, restart: string): FailureInWords {
  const setting = settingInForce(service.settings, 'OLLAMA_HOST');
  const address = /listen tcp (\S+): bind/u.exec(line)?.[1] ?? /lookup (\S+?)[: ]/u.exec(line)?.[1];
  const written = setting ? ` (${setting.file}:${setting.line})` : '';
  const { listensOn, warnings } = parseOllamaHost(setting?.value);
  if (setting && listensOn.kind === 'invalid') {
    const why = warnings.find((one) => /quotes|brackets/u.test(one)) ?? warnings.at(-1);
    const better = addressMeant(setting.value);
    return {
      summary:
        `OLLAMA_HOST=${setting.value}${written} is no address: ${why ?? 'a server cannot listen on it'}`.replace(
          /\.$/u,
          '',
        ),
      instructions: [
        `in ${setting.file}, line ${setting.line}: OLLAMA_HOST=${better ?? '0.0.0.0:11434, or an address of this host (ip -br address)'}`,
        ...(setting.kind === 'environment' ? ['sudo systemctl daemon-reload'] : []),
        restart,
      ],
    };
  }
  return {
    summary: `it should listen on ${address ?? setting?.value ?? 'an address'}${written}, which is no address of this host now`,
    instructions: [
      'see which addresses there are: ip -br address',
      `set OLLAMA_HOST to one of them, or to 0.0.0.0:11434; an address that comes up later at boot needs After= its service`,
      restart,
    ],
  };
}

/** A value without typographic quotes, and with the brackets that an IPv6 address needs; undefined where that is none. */
function addressMeant(value: string): string | undefined {
  const plain = value.replace(/[\u2018-\u201f]/gu, '');
  const [, address = '', port = ''] = /^([0-9a-f:]+):(\d{1,5})$/iu.exec(plain) ?? [];
  const better = isIPv6(address) ? `[${address}]:${port}` : plain;
  const { listensOn, badPort } = parseOllamaHost(better);
  return better === value || listensOn.kind === 'invalid' || badPort !== undefined ? undefined : better;
}

function permission(service: OllamaService, line: string, restart: string): FailureInWords {
  const path = /(?:mkdir|open|stat|chmod|unlink|remove|chdir|directory|to) '?(\/[^\s:']+)/u.exec(line)?.[1];
  const models = settingInForce(service.settings, 'OLLAMA_MODELS');
  const isReadOnly = /read-only file system/iu.test(line);
  if (path === undefined)
    return { summary: line, instructions: [commandsFor(service).log ?? 'look at its log', restart] };
  const isModels = models !== undefined && (path.startsWith(models.value) || models.value.startsWith(path));
  const what = isModels ? `the models folder ${models.value} (${models.file}:${models.line})` : path;
  return {
    summary: isReadOnly
      ? `${what} is on a read-only file system, for this service at least`
      : `its user may not write to ${what}`,
    instructions: [
      `see whose it is, and which user it runs as: namei -l ${path}; systemctl show ${service.name} -p User`,
      isReadOnly
        ? `see what the unit keeps from it: systemctl show ${service.name} -p ProtectSystem -p ProtectHome -p ReadWritePaths`
        : `make it and give it to that user: sudo install -d -o ollama -g ollama ${isModels ? models.value : path}`,
      restart,
    ],
  };
}
