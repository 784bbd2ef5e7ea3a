/**
 * The prober for Python 3.4 and later: names, connections and bytes by itself, so that no proxy of the container's
 * environment and no library's opinion comes in between. Its protocol is described in `protocol.ts`.
 */
export const pythonProber = `
import sys, os, socket, select, time, errno, threading
mode, host, port, tls, seconds, size, payload = sys.argv[1:8]
start = time.monotonic()
end = start + float(seconds)
left = lambda: max(0.05, end - time.monotonic())
def say(*words):
    os.write(2, (' '.join(str(word) for word in words) + '\\n').encode('utf-8', 'replace'))
def name(code):
    return errno.errorcode.get(code, 'E%s' % code)
found = []
def look():
    try:
        found.append(socket.getaddrinfo(host, int(port), 0, socket.SOCK_STREAM))
    except Exception as error:
        found.append(error)
looking = threading.Thread(target=look)
looking.daemon = True
looking.start()
looking.join(left())
def quit():
    os._exit(0)
if not found:
    say('lookup', 'ETIMEDOUT')
    quit()
if isinstance(found[0], Exception):
    error = found[0]
    again = isinstance(error, socket.gaierror) and error.args[0] == socket.EAI_AGAIN
    none = isinstance(error, socket.gaierror) or isinstance(error, UnicodeError)
    say('lookup', 'EAI_AGAIN' if again else 'ENOTFOUND' if none else 'EIO', error)
    quit()
infos = []
for info in found[0]:
    if info[4][0] not in [other[4][0] for other in infos]:
        infos.append(info)
say('addresses', *[info[4][0] for info in infos])
if mode == 'resolve':
    quit()
def since():
    return int((time.monotonic() - start) * 1000)
pending = {}
for family, kind, proto, _, address in infos:
    try:
        s = socket.socket(family, kind, proto)
        s.setblocking(False)
        code = s.connect_ex(address)
    except OSError as error:
        code = error.errno
    if code in (0, errno.EINPROGRESS, errno.EAGAIN):
        pending[s] = address[0]
    else:
        say('failed', address[0], name(code), since())
won = None
while pending and won is None and time.monotonic() < end:
    _, ready, _ = select.select([], list(pending), [], left())
    for s in ready:
        address = pending.pop(s)
        code = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            say('failed', address, name(code), since())
        elif won is None:
            won = s
            say('connected', address, since())
if won is None:
    for address in pending.values():
        say('failed', address, 'ETIMEDOUT', since())
    quit()
if mode == 'connect':
    quit()
try:
    won.setblocking(True)
    won.settimeout(left())
    if tls == '1':
        import ssl
        context = ssl._create_unverified_context()
        try:
            won = context.wrap_socket(won, server_hostname=host)
        except ssl.SSLError as error:
            say('broke', 'ETLS', error)
            quit()
    won.sendall(payload.encode('utf-8', 'surrogateescape'))
    count = 0
    while count < int(size):
        won.settimeout(left())
        data = won.recv(65536)
        if not data or time.monotonic() > end:
            break
        count += len(data)
        while data:
            data = data[os.write(1, data):]
    say('broke', 'ETIMEDOUT') if time.monotonic() > end else say('end', count)
except socket.timeout:
    say('broke', 'ETIMEDOUT')
except OSError as error:
    say('broke', name(error.errno) if error.errno else 'EIO', error)
quit()
`.trim();
