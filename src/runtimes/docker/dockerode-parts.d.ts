// @types/dockerode types the package's entry only. These are the same classes, loaded one by one: the entry pulls in
// ssh2, gRPC and protobufjs, 0.18 s before the first request, where these take 0.01 s.
declare module 'dockerode/lib/container.js' {
  import type { Container } from 'dockerode';

  const constructor: new (modem: unknown, id: string) => Container;
  export default constructor;
}

declare module 'dockerode/lib/exec.js' {
  import type { Exec } from 'dockerode';

  const constructor: new (modem: unknown, id: string) => Exec;
  export default constructor;
}
