import { imageTarballs } from '../host/images.ts';
import { bootHost, type LabHost } from '../host/lab-host.ts';
import { installOllama } from './ollama-service.ts';

/** Every engine that a Debian host can have, side by side; the rootless ones are dora's. */
export type EngineName = 'docker' | 'podman' | 'rootless podman' | 'rootless docker';

const runFolder = '/run/user/1000';
const rootlessDockerHost = `unix://${runFolder}/docker.sock`;

/** Where the host finds the tarball of `app:1`. */
const tarball = '/srv/app.tar';

/** Plain folders for images, as overlay does not lie on overlay. */
const storage = '/var/lib/containers';

/** Rootless Docker without a login: its own control group, and the folders that a session would have made. */
const startRootlessDocker = `
cd; rm -f $XDG_RUNTIME_DIR/docker.sock $XDG_RUNTIME_DIR/docker.pid
setsid sh /usr/share/docker.io/contrib/dockerd-rootless.sh --cgroup-parent /dora \\
  --exec-opt native.cgroupdriver=cgroupfs --data-root ${storage}/dora-docker "$@" >$HOME/dockerd.log 2>&1 &
for i in $(seq 120); do docker version >/dev/null 2>&1 && exit 0; sleep 0.5; done
tail -5 $HOME/dockerd.log; exit 1`;

export interface RuntimesHost {
  host: LabHost;
  /** Runs an engine's command as whoever it belongs to, and returns its standard output. Throws when it fails. */
  engine: (name: EngineName, ...args: string[]) => Promise<string>;
  /** Starts a container of `app:1` that sleeps. */
  run: (name: EngineName, container: string, ...options: string[]) => Promise<void>;
  /** Starts rootless Docker anew, with more options for dockerd; its containers stop. */
  restartRootlessDocker: (hostLoopback: boolean, ...options: string[]) => Promise<void>;
}

/** Boots a host with Ollama on loopback and all engines running, none with a container yet. */
export async function runtimesHost(name: string): Promise<RuntimesHost> {
  const tarballs = await imageTarballs();
  const host = await bootHost({
    name,
    layer: 'rootless',
    binds: [{ from: tarballs['app:1'], to: tarball, readOnly: true }],
    setup: async (disk) => {
      await installOllama(disk);
      await disk.write('/etc/sudoers.d/dora', 'dora ALL=(ALL) NOPASSWD: ALL\n', 0o440);
      // No control group for processes to count in, and no session of dora's for systemd to put them into.
      // It ends when nobody asks for five seconds, and the doctor starts nothing.
      const stays = '[Service]\nExecStart=\nExecStart=/usr/bin/podman system service --time=0\n';
      await disk.write('/etc/systemd/system/podman.service.d/stays.conf', stays);
      const plain = '[containers]\npids_limit=0\n[engine]\nevents_logger="file"\n';
      await disk.write('/etc/containers/containers.conf', plain);
      await disk.write(
        '/home/dora/.config/containers/containers.conf',
        '[containers]\ncgroups="disabled"\npids_limit=0\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n',
      );
      await disk.write(
        '/home/dora/.config/containers/storage.conf',
        `[storage]\ndriver="overlay"\ngraphroot="${storage}/dora"\n`,
      );
      await disk.chroot(['chown', '-R', 'dora:dora', '/home/dora']);
    },
  });
  try {
    return await startEngines(host);
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function startEngines(host: LabHost): Promise<RuntimesHost> {
  const asDora = {
    user: 'dora',
    env: { XDG_RUNTIME_DIR: runFolder, DOCKER_HOST: rootlessDockerHost },
    timeoutMs: 120_000,
  } as const;
  const engine: RuntimesHost['engine'] = (name, ...args) => {
    const program = name.endsWith('docker') ? 'docker' : 'podman';
    return host.must([program, ...args], name.startsWith('rootless') ? asDora : { timeoutMs: 120_000 });
  };
  const restartRootlessDocker: RuntimesHost['restartRootlessDocker'] = async (hostLoopback, ...options) => {
    await host.sh(
      'pkill -u dora -x rootlesskit; for i in $(seq 60); do pgrep -u dora -x dockerd || break; sleep 0.5; done',
    );
    const env = {
      ...asDora.env,
      DOCKERD_ROOTLESS_ROOTLESSKIT_NET: 'slirp4netns',
      DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK: hostLoopback ? 'false' : 'true',
    };
    await host.must(['sh', '-c', startRootlessDocker, 'start', ...options], { ...asDora, env });
  };
  await host.must([
    'sh',
    '-c',
    `chmod 666 /dev/net/tun
     mkdir -p /sys/fs/cgroup/dora && chown -R dora:dora /sys/fs/cgroup/dora
     install -d -m 700 -o dora -g dora ${runFolder} ${storage}/dora ${storage}/dora-docker
     install -d -o dora -g dora ${runFolder}/podman
     systemctl start podman.service`,
  ]);
  const importImage = (name: EngineName): Promise<string> => engine(name, 'import', tarball, 'app:1');
  const podmanService = `setsid podman system service --time=0 unix://${runFolder}/podman/podman.sock >/dev/null 2>&1 &
    for i in $(seq 60); do [ -S ${runFolder}/podman/podman.sock ] && exit 0; sleep 0.5; done; exit 1`;
  await Promise.all([
    importImage('docker'),
    importImage('podman'),
    importImage('rootless podman').then(() => host.must(['sh', '-c', podmanService], asDora)),
    restartRootlessDocker(false).then(() => importImage('rootless docker')),
  ]);
  return {
    host,
    engine,
    restartRootlessDocker,
    run: async (name, container, ...options) => {
      // A process 1 that heeds SIGTERM, or each stop would wait ten seconds for it; Podman's is no package here.
      const init = name.endsWith('docker') ? ['--init'] : ['--stop-timeout', '1'];
      await engine(name, 'run', '-d', '--name', container, ...init, ...options, 'app:1', 'sleep', 'infinity');
    },
  };
}
