import { isOfKind } from '../kubernetes/kinds/core-kinds';
import { Chart, type App } from 'cdk8s';
import type { k8s } from './typed-kinds';
import { readThirdParty } from '../../imports/third-party';
import { isClusterScoped } from './cluster-scoped';
import type { KubernetesObject } from '../kubernetes/object';
import type { Endpoint, Peer } from './network/endpoint';
import type { Connection, RuleException } from './platform-model';
import type { SecretReference } from '../kubernetes/secret';

/** What every component is given. */
export interface ComponentProps {
  /** Of every object that names no other. */
  readonly namespace: string;
  /** The application that all components form, as label `app.kubernetes.io/part-of`. */
  readonly partOf: string;
  /** Argo CD applies lower waves first and waits until they are healthy. */
  readonly syncWave: number;
}

/** Stays when Argo CD prunes or deletes: for volumes, claims and namespaces, whose loss is loss of data. */
export const NEVER_PRUNED = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } as const;

/** A connection as it was declared, with the peers that network policies select. */
export interface DeclaredConnection {
  /** Who opens it. */
  readonly from: Peer;
  /** What it is opened to. */
  readonly to: Endpoint;
}

/**
 * One component of the platform, rendered as one file named after it. It stamps labels and sync wave on its objects, and
 * keeps what was declared about it: whom it calls, which Secrets it reads, which rules do not apply to it.
 */
export class Component extends Chart {
  readonly name: string;
  readonly componentNamespace: string;
  private readonly partOf: string;
  private readonly syncWave: number;
  private readonly declaredConnections: DeclaredConnection[] = [];
  private readonly secretReads: { reader: string; reference: SecretReference }[] = [];
  private readonly ruleExceptions: RuleException[] = [];

  constructor(app: App, name: string, props: ComponentProps) {
    refuseTakenName(app, name);
    super(app, name, { disableResourceNameHashes: true });
    this.name = name;
    this.componentNamespace = props.namespace;
    this.partOf = props.partOf;
    this.syncWave = props.syncWave;
  }

  /** Metadata of an object in the component's namespace. */
  objectMetadata(name: string = this.name, extra: MetadataExtra = {}): k8s.ObjectMeta {
    return { ...this.clusterMetadata(name, extra), namespace: extra.namespace ?? this.componentNamespace };
  }

  /** Metadata of an object that belongs to no namespace. */
  clusterMetadata(name: string, extra: MetadataExtra = {}): k8s.ObjectMeta {
    return {
      name,
      labels: { ...this.podLabels(extra.labelName), ...extra.labels },
      annotations: { 'argocd.argoproj.io/sync-wave': String(extra.syncWave ?? this.syncWave), ...extra.annotations },
    };
  }

  /** Labels that selectors use: they never change, because selectors cannot. */
  selectorLabels(name: string = this.name): Record<string, string> {
    return { 'app.kubernetes.io/name': name };
  }

  /** Labels of the component's pods. */
  podLabels(name: string = this.name): Record<string, string> {
    return { ...this.selectorLabels(name), 'app.kubernetes.io/part-of': this.partOf };
  }

  /**
   * What every object of the component carries, whatever made it: the namespace unless it belongs to none, the labels, and
   * the sync wave; pods the labels that network policies select. What the object says itself stays.
   */
  stamped(object: KubernetesObject): KubernetesObject {
    const { name, namespace, annotations, labels, ...rest } = object.metadata;
    const own = this.clusterMetadata(name);
    const metadata = {
      name,
      ...(isClusterScoped(object, customClusterKinds()) ? {} : { namespace: namespace ?? this.componentNamespace }),
      annotations: sorted({ ...own.annotations, ...annotations }),
      labels: sorted({ ...own.labels, ...labels }),
      ...rest,
    };
    return withPodLabels({ ...object, metadata }, this.podLabels());
  }

  /** Declares that pods of this component, or those called `from`, open connections to the endpoints. */
  connects(endpoints: readonly Endpoint[], from: Peer = { name: this.name, pods: this.selectorLabels() }): void {
    this.declaredConnections.push(...endpoints.map((to) => ({ from, to })));
  }

  /** Records that a pod reads these Secret keys. */
  reads(references: readonly SecretReference[], reader: string = this.name): void {
    this.secretReads.push(...references.map((reference) => ({ reader, reference })));
  }

  /** Lets one rule not apply to one object, for a reason that reviewers see. */
  except(exception: RuleException): void {
    this.ruleExceptions.push(exception);
  }

  get connections(): readonly DeclaredConnection[] {
    return this.declaredConnections;
  }

  get reading(): readonly { readonly reader: string; readonly reference: SecretReference }[] {
    return this.secretReads;
  }

  get exceptions(): readonly RuleException[] {
    return this.ruleExceptions;
  }

  /** The connections as plain data. */
  get edges(): readonly Connection[] {
    return this.declaredConnections.flatMap(({ from, to }) =>
      to.ports.map(({ port, protocol }) => ({ from: from.name, to: to.peer.name, port, protocol })),
    );
  }
}

let clusterKinds: ReadonlySet<string> | undefined;

/** Read once, and only where a component is rendered. */
function customClusterKinds(): ReadonlySet<string> {
  return (clusterKinds ??= readThirdParty().clusterKinds);
}

/** The labels of a pod template, where the object has one; those that it gives itself stay. */
function withPodLabels(object: KubernetesObject, labels: Readonly<Record<string, string>>): KubernetesObject {
  if (isOfKind(object, 'CronJob') && object.spec?.jobTemplate?.spec?.template) {
    const { spec } = object;
    const inner = withPodLabels({ ...object, kind: 'Job', spec: spec.jobTemplate?.spec }, labels);
    return { ...object, spec: { ...spec, jobTemplate: { ...spec.jobTemplate, spec: inner['spec'] } } };
  }
  if (!isOfKind(object, 'Deployment', 'StatefulSet', 'DaemonSet', 'Job') || !object.spec?.template) return object;
  const { spec } = object;
  const { metadata = {} } = object.spec.template;
  const template = {
    ...object.spec.template,
    metadata: { ...metadata, labels: sorted({ ...labels, ...metadata.labels }) },
  };
  return { ...object, spec: { ...spec, template } };
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuseTakenName(app: App, name: string): void {
  if (!app.node.tryFindChild(name)) return;
  throw new Error(
    `component ${name}: the same output has another of that name, and both would be one file; rename one.`,
  );
}

/** What an object's metadata has beyond the usual. */
export interface MetadataExtra {
  /** Instead of the component's. */
  readonly namespace?: string;
  /** Value of the name label where it is not the component's. */
  readonly labelName?: string;
  /** Besides the component's. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Besides the sync wave. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Instead of the component's. */
  readonly syncWave?: number;
}
