"""What Ollama makes of its environment and of a request's Host and Origin (envconfig/config.go Host(),
server/routes.go allowedHostsMiddleware, gin-contrib/cors). Part of the stand-in for Ollama."""
import ipaddress, json, os, re, socket, sys, time

LOCAL_HOSTS = ('localhost', '127.0.0.1', '0.0.0.0')
APP_ORIGINS = ('app://', 'file://', 'tauri://', 'vscode-webview://', 'vscode-file://')
ORIGIN_SCHEMES = 'http://,https://,chrome-extension://,safari-extension://,moz-extension://,ms-browser-extension://'


def log(level, message, **fields):
    def quoted(value):
        return json.dumps(value, ensure_ascii=False) if re.search(r'[\s"=]', value) or value == '' else value
    more = ''.join(' %s=%s' % (key, quoted(value)) for key, value in fields.items())
    stamp = time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime())
    print('time=%s level=%s source=routes.go:1475 msg=%s%s' % (stamp, level, quoted(message), more),
          file=sys.stderr, flush=True)


def var(name):
    return os.environ.get(name, '').strip().strip('"\'').strip()


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def split_host_port(text):
    """net.SplitHostPort: (host, port), or None where Go returns an error."""
    if text.startswith('['):
        found = re.fullmatch(r'\[([^\[\]]*)\]:([^:\[\]]*)', text)
        return found.groups() if found else None
    if text.count(':') != 1 or '[' in text or ']' in text:
        return None
    return tuple(text.split(':'))


def ollama_host():
    """(scheme, host, port) of OLLAMA_HOST, as envconfig.Host() reads it."""
    text = var('OLLAMA_HOST')
    scheme, mark, rest = text.partition('://')
    if not mark:
        scheme, rest = 'http', text
    default = {'http': '80', 'https': '443'}.get(scheme, '11434') if mark else '11434'
    if text == 'ollama.com':
        scheme, default = 'https', '443'
    hostport = rest.partition('/')[0]
    pair = split_host_port(hostport)
    if pair is None:
        host, port = '127.0.0.1', default
        bare = hostport.strip('[]')
        if is_address(bare):
            host = bare
        elif hostport:
            host = hostport
    else:
        host, port = pair
    if not re.fullmatch(r'[+-]?\d+', port) or not 0 <= int(port) <= 65535:
        log('WARN', 'invalid port, using default', port=port, default=default)
        port = default
    return scheme, host, int(port)


def join_host_port(host, port):
    return '[%s]:%s' % (host, port) if ':' in host else '%s:%s' % (host, port)


def allowed_origins():
    entries = [entry for entry in var('OLLAMA_ORIGINS').split(',') if entry]
    for entry in entries:
        if '*' not in entry and not entry.startswith(tuple(ORIGIN_SCHEMES.split(','))):
            sys.exit("panic: bad origin: origins must contain '*' or include %s" % ORIGIN_SCHEMES)
        if entry.count('*') > 1:
            sys.exit('panic: only one * is allowed')
    for host in LOCAL_HOSTS:
        for scheme in ('http', 'https'):
            entries += ['%s://%s' % (scheme, host), '%s://%s:*' % (scheme, host)]
    return entries + [scheme + '*' for scheme in APP_ORIGINS]


def matches(pattern, text):
    head, star, tail = pattern.partition('*')
    return text.startswith(head) and text.endswith(tail) if star else text == pattern


def own_addresses():
    """Addresses of the interfaces here, from /proc: no tool may be missing for it."""
    with open('/proc/net/fib_trie') as trie:
        found = set(re.findall(r'\|-- (\S+)\n\s+/32 host LOCAL', trie.read()))
    try:
        with open('/proc/net/if_inet6') as table:
            found |= {str(ipaddress.ip_address(bytes.fromhex(line.split()[0]))) for line in table}
    except OSError:
        pass
    return found


def host_is_allowed(header):
    """allowedHostsMiddleware, for a listener on a loopback address."""
    host = re.sub(r':\d*$', '', header) if not header.endswith(']') else header
    host = host.strip('[]').lower()
    if is_address(host):
        address = ipaddress.ip_address(host)
        private = [ipaddress.ip_network(net) for net in ('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7')]
        return (address.is_loopback or address.is_unspecified or host in own_addresses()
                or any(address in net for net in private if net.version == address.version))
    if host in ('', 'localhost', socket.gethostname().lower()):
        return True
    return host.endswith(('.localhost', '.local', '.internal'))
