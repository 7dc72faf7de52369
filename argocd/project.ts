import { Chart, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { AppProject } from '../imports/argoproj.io';
import { ARGO_CD_NAMESPACE } from '../facts/namespaces';
import { IN_CLUSTER } from './application';
import type { GroupKind, Permissions } from './permitted-kinds';

export interface ProjectProps {
  readonly description: string;
  /** The only repositories (git or Helm) that Applications of the project may read. */
  readonly repositories: readonly string[];
  /** What is permitted; a function is asked when the project is rendered. */
  readonly permissions: Permissions | (() => Permissions);
}

/**
 * One file of `dist/argocd/` with one AppProject: an Application of the project may apply only the kinds, to only the
 * namespaces, and from only the repositories that it lists.
 * Source: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/.
 */
export class Project extends Chart {
  constructor(scope: Construct, name: string, props: ProjectProps) {
    super(scope, `project-${name}`, { disableResourceNameHashes: true });
    const permitted = <T>(read: (permissions: Permissions) => T): T =>
      Lazy.any({
        produce: () => read(typeof props.permissions === 'function' ? props.permissions() : props.permissions),
      }) as T;
    new AppProject(this, 'project', {
      metadata: {
        name,
        namespace: ARGO_CD_NAMESPACE,
        // Before every Application, which Argo CD refuses while its project is missing.
        annotations: { 'argocd.argoproj.io/sync-wave': '-1' },
      },
      spec: {
        description: props.description,
        sourceRepos: [...props.repositories],
        destinations: permitted(({ namespaces }) => namespaces.map((namespace) => ({ server: IN_CLUSTER, namespace }))),
        clusterResourceWhitelist: permitted(({ clusterKinds }) => listed(clusterKinds)),
        namespaceResourceWhitelist: permitted(({ namespacedKinds }) => listed(namespacedKinds)),
      },
    });
  }
}

/** Argo CD does not tell an empty list from a missing one; a project without destinations permits nothing either way. */
const listed = (kinds: readonly GroupKind[]) => (kinds.length === 0 ? undefined : kinds.map((kind) => ({ ...kind })));
