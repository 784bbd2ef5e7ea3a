import type { KnownError } from './known-error.ts';

/** What an Ollama server, or what starts it, says when it cannot come up, or comes up otherwise than meant. */
export const serverStart: readonly KnownError[] = [
  {
    id: 'bind-in-use',
    says: [
      ['listen tcp', 'bind:', 'address already in use'],
      ['listen tcp', 'bind: only one usage of each socket address'],
      ['bind for', 'failed: port is already allocated'],
      ['eaddrinuse', '11434'],
    ],
    sample: 'Error: listen tcp 0.0.0.0:11434: bind: address already in use',
    telling: 'reason',
    meaning:
      'The port is taken: another process listens there, very often a second Ollama (the service, the desktop app, or a container that publishes the port).',
    codes: ['port-conflict', 'crash-loop'],
    next: 'host',
    source: 'ollama/ollama#14963',
  },
  {
    id: 'bind-forbidden',
    says: [['bind:', 'forbidden by its access permissions']],
    sample:
      'Error: listen tcp 127.0.0.1:11434: bind: An attempt was made to access a socket in a way forbidden by its access permissions.',
    telling: 'reason',
    meaning:
      'Windows keeps this port for itself: it lies in a range reserved for Hyper-V and WSL, or a port forwarding owns it.',
    codes: ['port-reserved', 'port-conflict'],
    next: 'host',
    source: 'ollama/ollama#2627',
  },
  {
    id: 'bind-no-such-address',
    says: [['bind: cannot assign requested address']],
    sample: 'Error: listen tcp 172.17.0.1:11434: bind: cannot assign requested address',
    telling: 'reason',
    meaning:
      'OLLAMA_HOST names an address that this machine does not have, or not yet: a bridge or a VPN comes up later than Ollama does.',
    codes: ['bind-unreachable-address', 'crash-loop'],
    next: 'host',
    source: 'ollama/ollama cmd/cmd.go (net.Listen)',
  },
  {
    id: 'bind-denied',
    says: [['bind: permission denied']],
    sample: 'Error: listen tcp 0.0.0.0:80: bind: permission denied',
    telling: 'reason',
    meaning:
      'Ollama was told to take a port below 1024, which its user may not: OLLAMA_HOST with http:// and no port means port 80, with https:// port 443.',
    codes: ['bind-wrong-port', 'crash-loop'],
    next: 'host',
    source: 'ollama/ollama envconfig/config.go (Host)',
  },
  {
    id: 'listen-bad-name',
    says: [
      ['listen tcp: lookup'],
      ['listen tcp', 'too many colons in address'],
      ['listen tcp', 'missing port in address'],
    ],
    sample: 'Error: listen tcp: lookup ::1:11434: no such host',
    telling: 'reason',
    meaning:
      'What OLLAMA_HOST says is not an address that can be listened on. An IPv6 address with a port needs brackets: [::1]:11434.',
    codes: ['crash-loop', 'bind-unreachable-address'],
    next: 'host',
    source: 'ollama/ollama envconfig/config.go (Host)',
  },
  {
    id: 'bind-other',
    says: [['listen tcp', 'bind:']],
    sample:
      'Error: listen tcp 127.0.0.1:11434: bind: Normalde her yuva adresi (iletişim kuralı/ağ adresi/bağlantı noktası) için yalnızca bir kullanıma izin veriliyor.',
    telling: 'reason',
    meaning:
      "The server could not take its port; the reason is in the system's language. Mostly something else holds the port, or Windows has reserved it.",
    codes: ['port-conflict', 'port-reserved'],
    next: 'host',
    source: 'Go net.OpError: the text behind "bind:" comes from the operating system',
  },
  {
    id: 'bad-origins',
    says: [['panic: bad origin'], ['panic: only one * is allowed']],
    sample:
      "panic: bad origin: origins must contain '*' or include http://,https://,chrome-extension://,safari-extension://,moz-extension://,ms-browser-extension://",
    telling: 'reason',
    meaning:
      'An entry of OLLAMA_ORIGINS is malformed (no http:// in front, a space behind a comma, or two stars), and the server ends at its start because of it. Clients then see a refusal.',
    codes: ['crash-loop'],
    next: 'host',
    source: 'gin-contrib/cors config.go',
  },
  {
    id: 'home-not-writable',
    says: [
      ['mkdir', 'ollama', 'permission denied'],
      ['could not create directory', 'permission denied'],
      ['ollama', 'read-only file system'],
    ],
    sample: 'Error: could not create directory mkdir /var/lib/ollama: permission denied',
    telling: 'reason',
    meaning: 'The server may not write to its home or its models folder, and ends at its start.',
    codes: ['crash-loop', 'not-running'],
    next: 'host',
    source: 'ollama/ollama#9148',
  },
  {
    id: 'systemd-gave-up',
    says: [
      ['ollama', 'start request repeated too quickly'],
      ['ollama', 'failed with result'],
    ],
    sample: 'systemd[1]: ollama.service: Start request repeated too quickly.',
    telling: 'symptom',
    meaning:
      'systemd started Ollama again and again and then gave up; the reason is further up in the same log.',
    codes: ['crash-loop', 'not-running'],
    next: 'host',
    source: 'systemd src/core/unit.c',
  },
  {
    id: 'no-systemd',
    says: [['systemd is not running']],
    sample: 'WARNING: systemd is not running',
    telling: 'symptom',
    meaning:
      'The installer could not set up a service, as in a WSL distribution without systemd: nothing starts Ollama unless somebody does.',
    codes: ['not-running'],
    next: 'host',
    source: 'ollama/ollama scripts/install.sh',
  },
  {
    id: 'assignment-ignored',
    says: [
      ['ollama', 'invalid environment assignment, ignoring'],
      ['invalid environment assignment, ignoring', 'ollama'],
      ['ollama', 'assignment outside of section'],
      ['ollama', "missing '=', ignoring line"],
    ],
    sample: 'Invalid environment assignment, ignoring: “OLLAMA_HOST=0.0.0.0:11434”',
    telling: 'reason',
    meaning:
      'systemd skipped a line that was to configure Ollama: typographic quotes, or a line that stands outside of [Service].',
    codes: ['config-ignored', 'bind-loopback'],
    next: 'host',
    source: 'ollama/ollama#7892',
  },
  {
    id: 'unit-changed-on-disk',
    says: [['the unit file, source configuration file or drop-ins of', 'changed on disk']],
    sample:
      "Warning: The unit file, source configuration file or drop-ins of ollama.service changed on disk. Run 'systemctl daemon-reload' to reload units.",
    telling: 'reason',
    meaning: 'The configuration of the service was edited, and systemd still goes by the old one.',
    codes: ['config-ignored'],
    next: 'host',
    source: 'systemd src/systemctl/systemctl-util.c',
  },
  {
    id: 'invalid-port',
    says: [['invalid port, using default']],
    sample: 'level=WARN source=config.go:45 msg="invalid port, using default" port=66000 default=11434',
    telling: 'reason',
    meaning: 'The port in OLLAMA_HOST is not one, and Ollama took its default in place of it.',
    codes: ['bind-wrong-port', 'url-invalid'],
    next: 'host',
    source: 'ollama/ollama envconfig/config.go (Host)',
  },
  {
    id: 'listening-on-loopback',
    says: [['listening on 127.0.0.1:'], ['listening on [::1]:']],
    sample:
      'time=2025-05-11T10:00:00.000Z level=INFO source=routes.go:1299 msg="Listening on 127.0.0.1:11434 (version 0.6.8)"',
    telling: 'symptom',
    meaning:
      'The server says that it takes connections on loopback alone: its default, and right unless a container or another machine is to use it.',
    codes: ['bind-loopback'],
    next: 'host',
    source: 'ollama/ollama server/routes.go (Serve)',
  },
];
