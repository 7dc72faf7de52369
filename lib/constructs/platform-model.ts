import type { App } from 'cdk8s';
import type { KubernetesObject } from '../kubernetes/object';
import type { Inventory } from '../kubernetes/inventory';
import type { SecretContract } from '../kubernetes/secret-contract';
import type { ReviewedFacts } from '../kubernetes/reviewed-facts';

/** One folder of `dist/`: every chart of the app becomes the file `<directory>/<chart id>.yaml`. */
export interface Tree {
  /** Folder relative to `dist/`, such as `platform` or `workloads/production`. */
  readonly directory: string;
  /** Holds its charts, one for each file. */
  readonly app: App;
  /** Trees applied together are checked together (references, capacity): a workload variant names `platform` here. */
  readonly alongside?: readonly string[];
  /** Makes the folder a kustomization, which Argo CD and `kubectl apply -k` build. */
  readonly kustomization?: TreeKustomization;
}

/** What a kustomized folder holds beside its own charts. */
export interface TreeKustomization {
  /** Tree whose objects this one takes over; a tree that others take over is never applied by itself. */
  readonly base?: string;
  /** Partial objects laid over those of the base. */
  readonly patches?: readonly KubernetesObject[];
}

/** A file of `dist/` that is not made of Kubernetes objects, such as `compose/compose.yaml`. */
export interface PlainFile {
  /** Relative to `dist/`. */
  readonly path: string;
  /** All of its text. */
  readonly content: string;
}

/** A declared call from one component to another (or to the world): the source of NetworkPolicies and of the picture. */
export interface Connection {
  /** Name of the caller, as in the picture. */
  readonly from: string;
  /** Name of whom it calls. */
  readonly to: string;
  /** Port of the called pods. */
  readonly port: number;
  /** What the port speaks. */
  readonly protocol: 'TCP' | 'UDP';
}

/** A rule that deliberately does not apply to one object, with the reason written beside the component. */
export interface RuleException {
  /** Rule id, such as `pods-run-as-non-root`. */
  readonly rule: string;
  /** `<kind>/<name>` of the object. */
  readonly object: string;
  /** Why it may stay: one sentence that a reviewer agrees with. */
  readonly reason: string;
  /** The rule need not be broken: whether it is depends on facts that change on their own. @default false */
  readonly onlyWhereNeeded?: boolean;
}

/**
 * Pods of a component whose objects are not rendered here (a Helm chart's, say), as far as they take room on the nodes:
 * what their containers request, for the scheduler counts nothing else.
 */
export interface PodReservation {
  /** Name of the component, as in the table of what was written. */
  readonly component: string;
  /** Number of pods, or one on each node. */
  readonly pods: number | 'one-per-node';
  /** Request of one pod, millicores. */
  readonly cpuMillicores: number;
  /** Request of one pod, MiB. */
  readonly memoryMiB: number;
  /** Labels that a node must have for them. */
  readonly nodeLabels?: Readonly<Record<string, string>>;
}

/** Pods that a Helm chart makes: no manifest here shows them. */
export interface ChartPods {
  /** Where the chart is installed. */
  readonly namespace: string;
  /** As network policies select them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What is known of images beyond those that the manifests name. */
export interface ImageFacts {
  /** Registries that the image mirror serves: nodes reach no other. */
  readonly registries: readonly string[];
  /** Images that pods run and no manifest names, such as those of Helm charts. */
  readonly outside: readonly OutsideImage[];
  /** Full names, such as `docker.io/library/postgres`, of images that are pinned by tag alone for now. */
  readonly digestPending: readonly string[];
}

export interface OutsideImage {
  /** With its registry and its tag. */
  readonly image: string;
  /** What names it, such as `chart argo-cd 9.3.7`. */
  readonly namedBy: string;
  /** The file that lists it. */
  readonly listedIn: string;
}

/** Everything synthesis needs to know: what is rendered, and the facts the checks hold it against. */
export interface PlatformModel {
  /** Folders of objects below `dist/`. */
  readonly trees: readonly Tree[];
  /** Files that hold no objects. */
  readonly files: readonly PlainFile[];
  /** The hosts and what they offer. */
  readonly inventory: Inventory;
  /** Contracts of the Secrets that components read. */
  readonly secrets: readonly SecretContract[];
  /** `<secret>: <key>` of contracts, or of keys of one, that no component reads. @default none */
  readonly unreadSecretKeys?: readonly string[];
  /** Who calls whom, as declared. */
  readonly connections: readonly Connection[];
  /** Objects that a rule need not hold for. */
  readonly exceptions: readonly RuleException[];
  /** What pods take that none of the trees holds. */
  readonly reservations: readonly PodReservation[];
  /** Pods of charts that network policies may name. @default none */
  readonly podsOfCharts?: readonly ChartPods[];
  /** Absent: the origin of images is not checked. */
  readonly images?: ImageFacts;
  /** What the reader of a synthesis should know although nothing is wrong, one sentence each. */
  readonly notes?: readonly string[];
  /** What people have agreed to. */
  readonly reviewed: ReviewedFacts;
}
