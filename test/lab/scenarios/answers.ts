import { readFile } from 'node:fs/promises';
import { bootHost, type LabHost } from '../host/lab-host.ts';
import { bufferingPort, key, lookAlikes, portOf, ports } from './answer-ports.ts';
import { installOllama } from './ollama-service.ts';

const toOllama = 'proxy_pass http://127.0.0.1:11434; proxy_http_version 1.1;';
const local = 'proxy_set_header Host localhost:11434;';

/** Each server on a port of its own, as people write them. */
const nginxConfiguration = `
server { listen ${ports.nginx.foreignHost}; location / { ${toOllama} proxy_set_header Host ollama.example.com; } }
server { listen ${ports.nginx.refuses}; return 403; }
server { listen ${ports.nginx.gone}; location / { proxy_pass http://127.0.0.1:9; } }
server { listen ${ports.nginx.wantsKey}; location / {
  if ($http_authorization != "Bearer ${key}") { return 401; }
  ${toOllama} ${local} } }
server { listen ${ports.nginx.login}; return 302 /login?next=secret; }
server { listen ${ports.nginx.streams}; location / { ${toOllama} ${local} } }
server { listen ${ports.nginx.page}; root /var/www/html; try_files /index.nginx-debian.html =404; }
server { listen ${ports.nginx.tls} ssl; ssl_certificate /etc/nginx/lab.crt; ssl_certificate_key /etc/nginx/lab.key;
  location / { ${toOllama} ${local} } }
`;

const caddyfile = `{
	auto_https off
	admin off
}
:${ports.caddy.foreignHost} {
	reverse_proxy 127.0.0.1:11434 {
		header_up Host ollama.example.com
	}
}
:${ports.caddy.refuses} {
	respond 403
}
:${ports.caddy.streams} {
	reverse_proxy 127.0.0.1:11434 {
		header_up Host localhost:11434
	}
}
`;

const script = '/usr/local/lib/ollama-standin/look-alike';

/** A host with Ollama on loopback, nginx and Caddy in front of it, and all look-alikes beside it. */
export async function answersHost(name: string): Promise<LabHost> {
  const kinds = Object.keys(lookAlikes) as (keyof typeof lookAlikes)[];
  const standing: [string, number][] = [
    ...kinds.map((kind): [string, number] => [kind, portOf(kind)]),
    ['buffering', bufferingPort],
  ];
  const host = await bootHost({
    name,
    layer: 'proxies',
    setup: async (disk) => {
      await installOllama(disk);
      await disk.write(
        script,
        await readFile(new URL('../standin/look-alike', import.meta.url), 'utf8'),
        0o755,
      );
      await disk.write('/etc/nginx/sites-enabled/answers', nginxConfiguration);
      await disk.write('/etc/caddy/Caddyfile', caddyfile);
      const subject = 'req -x509 -newkey rsa:2048 -nodes -days 36500 -subj /CN=localhost'.split(' ');
      await disk.chroot([
        'openssl',
        ...subject,
        '-keyout',
        '/etc/nginx/lab.key',
        '-out',
        '/etc/nginx/lab.crt',
      ]);
      for (const [kind, port] of standing) {
        const unit = `[Service]\nExecStart=${script} ${kind} ${port}\n[Install]\nWantedBy=multi-user.target\n`;
        await disk.write(`/etc/systemd/system/look-alike-${kind}.service`, unit);
      }
      await disk.enable(...standing.map(([kind]) => `look-alike-${kind}.service`));
      await disk.enable('nginx.service', 'caddy.service');
    },
  });
  const all = [
    ...Object.values(ports.nginx),
    ...Object.values(ports.caddy),
    11_434,
    ...standing.map(([, port]) => port),
  ];
  const listening = all.map((port) => `ss -Hltn 'sport = :${port}' | grep -q .`).join(' && ');
  await host.must([
    'sh',
    '-c',
    `for try in $(seq 300); do ${listening} && exit 0; sleep 0.2; done; ss -ltn; exit 1`,
  ]);
  return host;
}
