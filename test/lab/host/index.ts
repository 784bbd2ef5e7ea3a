/**
 * Real hosts for tests: Debian with systemd, Docker and a firewall, booted in a network namespace of their own.
 *
 *     await prepareLab();                      // once: tools, base system, layers, images (a minute; then cached)
 *     const host = await bootHost({ name: 'web', layer: 'ufw', setup: (disk) => installOllama(disk) });
 *     const host = await incidentHost({ name: 'web', bind: 'loopback', rules: 'drop' });   // scenarios/incident.ts
 *     await host.stop();                       // in afterAll; whatever else happens, a janitor removes the host
 *
 * In the host: `exec(argv)`, `sh(script)`, `must(argv)`, `terminal(argv)`, `start(argv)`, `write`, `read`,
 * `doctor(args)`, `doctorAtTerminal(args)`, `startDoctor(args)`, each as root or as `dora` (in the group docker)
 * or `nora` (in none); `snapshotEtc()` with `diffEtc(a, b)`; `rules()`; `docker.…`; `reboot()`.
 * Outside it: `public.connect(address, port)` and `public.connectAll(port)` ask from the far end of eth0's wire.
 *
 * The host is 192.0.2.10, fd42:db8:0:2::10 and a link-local address on eth0, the public side 192.0.2.1. It has no
 * way to any other network. It runs the Node this process runs, and the project as npm would publish it, copied
 * when it boots (`npm run build` first).
 */
export { type Layer } from './base-system.ts';
export { type Disk } from './disk.ts';
export { type ContainerAnswer, type ContainerPlan, type Docker, type NetworkPlan } from './docker.ts';
export { diffEtc, type EtcSnapshot } from './etc-snapshot.ts';
export { type Image, images } from './images.ts';
export { bootHost, type ExecOptions, type HostPlan, type LabHost, type User } from './lab-host.ts';
export { prepareLab } from './prepare.ts';
export { type ExecResult, type Running } from './process.ts';
export { type PublicSide, type Reach } from './public-side.ts';
export { apartFromDocker, type Rules } from './rules.ts';
