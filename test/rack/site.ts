import type { Engineer, PlaybookOutcome } from './ansible';
import { listing, packages } from './file-system';
import type { Rack } from './rack';

/** Hosts of the rack that form the cluster. */
export const nodes = ['control', 'worker-1', 'worker-2'];

/** What a host's disk holds. */
interface Snapshot {
  readonly files: Map<string, string>;
  readonly packages: string[];
}

/** Nothing was changed on any host, as Ansible's recap counts. */
export const nothingChanged = Object.fromEntries(['ingress', ...nodes].map((name) => [name, 0]));

/** Changed tasks by host. */
export const changed = (outcome: PlaybookOutcome): Record<string, number> =>
  Object.fromEntries([...outcome.recap].map(([name, recap]) => [name, recap.changed]));

/** A playbook's output on one line, since Ansible breaks its sentences. */
export const summary = (outcome: PlaybookOutcome): string => outcome.output.replace(/\s+/g, ' ');

interface NodeList {
  readonly items: {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly unschedulable: boolean };
    readonly status: {
      readonly nodeInfo: { readonly kubeletVersion: string };
      readonly conditions: { readonly status: string }[];
    };
  }[];
}

/** One site on the rack, through its life: what its disks held when it was bare and when it was finished. */
export class Site {
  readonly bare = new Map<string, Snapshot>();
  readonly finished = new Map<string, Snapshot>();

  constructor(
    private readonly theRack: () => Rack,
    private readonly theEngineer: () => Engineer,
  ) {}

  get rack(): Rack {
    return this.theRack();
  }

  get engineer(): Engineer {
    return this.theEngineer();
  }

  snapshot(name: string): Snapshot {
    return { files: listing(this.rack.host(name).root), packages: packages(this.rack.host(name).root) };
  }

  /** What the host swaps to, a line for each; empty where it does not swap. */
  async swaps(name: string): Promise<string> {
    return this.rack.host(name).must('tail -n +2 /proc/swaps');
  }

  /** The nodes as the server has them; throws when it does not answer. */
  async nodeList(): Promise<NodeList> {
    return JSON.parse(await this.rack.host('control').must('k3s kubectl get nodes --output json')) as NodeList;
  }

  async everyNodeIsReady(): Promise<boolean> {
    return (await this.nodeList()).items.every((node) => node.status.conditions[0]!.status === 'True');
  }

  /** Version of K3s by node. */
  async versions(): Promise<Record<string, string>> {
    return Object.fromEntries(
      (await this.nodeList()).items.map((node) => [node.metadata.name, node.status.nodeInfo.kubeletVersion]),
    );
  }

  /** Content of the archive that K3s loads its own images from at its start, by node; the real one needs no mirror then. */
  async imageArchives(): Promise<string[]> {
    const archive = '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-arm64.tar.zst';
    return Promise.all(nodes.map((name) => this.rack.host(name).must(`cat ${archive}`)));
  }

  /** Every value in the vault. */
  secretValues(value: unknown = this.engineer.vault): string[] {
    return typeof value === 'object'
      ? Object.values(value as object).flatMap((each) => this.secretValues(each))
      : [String(value)];
  }
}
