/**
 * The prober for Node 8 and later, in the container or in its network namespace from the host. With name servers as its
 * eighth argument it asks those and not the system's resolver, whose files are the host's there. Its protocol is
 * described in `protocol.ts`.
 */
export const nodeProber = `
const net = require('net'), dns = require('dns'), fs = require('fs');
const [mode, host, port, tls, seconds, size, payload, servers] = process.argv.slice(1);
const start = Date.now(), end = start + Number(seconds) * 1000;
const left = () => Math.max(50, end - Date.now());
const since = () => Date.now() - start;
const say = (...words) => fs.writeSync(2, words.join(' ') + '\\n');
const quit = () => process.exit(0);
const put = (data) => {
  let at = 0;
  while (at < data.length) {
    try { at += fs.writeSync(1, data, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
};
const look = (done) => {
  if (net.isIP(host)) return done(null, [host]);
  if (!servers) return dns.lookup(host, { all: true, verbatim: true }, (error, all) => done(error, (all || []).map((one) => one.address)));
  const resolver = new dns.Resolver();
  resolver.setServers(servers.split(','));
  const all = [];
  let open = 2, last = null;
  const got = (error, some) => { last = error || last; all.push(...(some || [])); if (--open === 0) done(all.length ? null : last || { code: 'ENOTFOUND' }, all); };
  resolver.resolve4(host, got);
  resolver.resolve6(host, got);
};
const late = setTimeout(() => { say('lookup', 'ETIMEDOUT'); quit(); }, left());
look((error, all) => {
  clearTimeout(late);
  const addresses = [...new Set(all)];
  if (error || addresses.length === 0) {
    const code = error ? error.code : 'ENOTFOUND';
    say('lookup', code === 'ENODATA' ? 'ENOTFOUND' : code === 'ETIMEOUT' ? 'ETIMEDOUT' : code, error && error.message ? error.message : '');
    return quit();
  }
  say('addresses', ...addresses);
  if (mode === 'resolve') return quit();
  const open = new Map();
  let won = false;
  const give = setTimeout(() => {
    for (const address of open.values()) say('failed', address, 'ETIMEDOUT', since());
    quit();
  }, left());
  for (const address of addresses) {
    const socket = net.connect({ host: address, port: Number(port), autoSelectFamily: false });
    open.set(socket, address);
    socket.on('error', (error) => {
      if (won || !open.delete(socket)) return;
      say('failed', address, error.code || 'EIO', since());
      if (open.size === 0) quit();
    });
    socket.on('connect', () => {
      if (won) return socket.destroy();
      won = true;
      clearTimeout(give);
      say('connected', address, since());
      if (mode === 'connect') return quit();
      talk(socket);
    });
  }
});
function talk(socket) {
  let stream = socket, secure = tls !== '1', count = 0;
  if (!secure) {
    stream = require('tls').connect({ socket, rejectUnauthorized: false, servername: net.isIP(host) ? undefined : host });
    stream.on('secureConnect', () => { secure = true; stream.write(payload); });
  }
  setTimeout(() => { say('broke', 'ETIMEDOUT'); quit(); }, left());
  const broke = (error) => { say('broke', !secure && !/^E[A-Z]+$/.test(error.code || '') ? 'ETLS' : error.code || 'EIO', error.message); quit(); };
  socket.removeAllListeners('error');
  socket.on('error', broke);
  if (stream !== socket) stream.on('error', broke);
  stream.on('data', (data) => { put(data); count += data.length; if (count >= Number(size)) { say('end', count); quit(); } });
  stream.on('end', () => { say('end', count); quit(); });
  if (secure) stream.write(payload);
}
`.trim();
