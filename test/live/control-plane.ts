import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { readFileSync } from 'node:fs';
import { startDaemon, waitUntilReady, type Daemon } from '../cluster/daemon';
import type { Network } from './network';
import { API_PORT, LAN, POD_NETWORK, SERVICE_NETWORK } from './topology';

/** Programs of the control plane, as paths. */
export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
}

type Program = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** etcd, API server, controller manager and scheduler in the network of the node `control`, as K3s runs them inside its server. */
export class LiveControlPlane {
  private readonly running = new Map<Program, Daemon>();

  constructor(
    private readonly network: Network,
    private readonly folder: string,
    private readonly programs: ControlPlanePrograms,
    /** Address on this machine's loopback that leads to the API server. */
    private readonly reachable: () => { readonly port: number },
  ) {}

  async start(): Promise<void> {
    this.run('etcd');
    await this.startApiServer();
    this.run('kube-controller-manager');
    this.run('kube-scheduler');
  }

  /** Starts the API server and waits until it says that it is ready. */
  async startApiServer(): Promise<void> {
    const daemon = this.run('kube-apiserver');
    await waitUntilReady(daemon, () => this.isReady());
  }

  /** Ends a program at once, as a crash does. */
  async kill(program: Program): Promise<void> {
    this.running.get(program)?.process.kill('SIGKILL');
    await this.running.get(program)?.stop(0);
  }

  async stop(): Promise<void> {
    for (const program of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'] as const) {
      const daemon = this.running.get(program);
      await daemon?.stop(program === 'etcd' ? 500 : 200);
    }
  }

  /** The end of a program's log. */
  tail(program: Program, lines?: number): string {
    return this.running.get(program)?.tail(lines) ?? '';
  }

  async isReady(): Promise<boolean> {
    const pki = join(this.folder, 'pki');
    const read = (name: string) => readFileSync(join(pki, name));
    const dispatcher = new Agent({ connect: { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') } });
    try {
      const { status } = await fetch(`https://127.0.0.1:${this.reachable().port}/readyz`, { dispatcher });
      return status === 200;
    } finally {
      await dispatcher.close();
    }
  }

  private run(program: Program): Daemon {
    const [path, args] = this.commandOf(program);
    const daemon = startDaemon(
      program,
      'nsenter',
      [`--net=/run/netns/${this.network.node('control')}`, path, ...args],
      { folder: this.folder },
    );
    this.running.set(program, daemon);
    return daemon;
  }

  private commandOf(program: Program): [string, readonly string[]] {
    const pki = (name: string) => join(this.folder, 'pki', name);
    const { etcd, apiServer, controllerManager, scheduler } = this.programs;
    switch (program) {
      case 'etcd':
        return [
          etcd,
          [
            `--data-dir=${join(this.folder, 'etcd')}`,
            '--unsafe-no-fsync',
            '--log-level=warn',
            '--listen-client-urls=http://127.0.0.1:2379',
            '--advertise-client-urls=http://127.0.0.1:2379',
            '--listen-peer-urls=http://127.0.0.1:2380',
            '--initial-advertise-peer-urls=http://127.0.0.1:2380',
            '--initial-cluster=default=http://127.0.0.1:2380',
          ],
        ];
      case 'kube-apiserver':
        return [
          apiServer,
          [
            '--etcd-servers=http://127.0.0.1:2379',
            `--secure-port=${API_PORT}`,
            '--bind-address=0.0.0.0',
            `--advertise-address=${LAN.control}`,
            `--tls-cert-file=${pki('apiserver.crt')}`,
            `--tls-private-key-file=${pki('apiserver.key')}`,
            `--client-ca-file=${pki('ca.crt')}`,
            `--kubelet-client-certificate=${pki('kubelet-client.crt')}`,
            `--kubelet-client-key=${pki('kubelet-client.key')}`,
            '--kubelet-preferred-address-types=InternalIP',
            `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
            `--proxy-client-key-file=${pki('front-proxy.key')}`,
            `--requestheader-client-ca-file=${pki('ca.crt')}`,
            '--requestheader-allowed-names=front-proxy',
            '--requestheader-extra-headers-prefix=X-Remote-Extra-',
            '--requestheader-group-headers=X-Remote-Group',
            '--requestheader-username-headers=X-Remote-User',
            '--enable-aggregator-routing=true',
            '--authorization-mode=Node,RBAC',
            '--enable-admission-plugins=NodeRestriction',
            '--allow-privileged',
            '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
            `--service-account-key-file=${pki('service-account.key')}`,
            `--service-account-signing-key-file=${pki('service-account.key')}`,
            `--service-cluster-ip-range=${SERVICE_NETWORK}`,
          ],
        ];
      case 'kube-controller-manager':
        return [
          controllerManager,
          [
            `--kubeconfig=${pki('kube-controller-manager.kubeconfig')}`,
            '--leader-elect=false',
            '--use-service-account-credentials',
            `--service-account-private-key-file=${pki('service-account.key')}`,
            `--root-ca-file=${pki('ca.crt')}`,
            `--cluster-cidr=${POD_NETWORK}`,
            '--allocate-node-cidrs=false',
            '--secure-port=0',
            // Each sync with the metrics that it saw goes to the log, for the test of the autoscaler.
            '--vmodule=horizontal=4,replica_calculator=4',
          ],
        ];
      case 'kube-scheduler':
        return [
          scheduler,
          [`--kubeconfig=${pki('kube-scheduler.kubeconfig')}`, '--leader-elect=false', '--secure-port=0'],
        ];
    }
  }
}
