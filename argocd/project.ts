import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { AppProject } from '../imports/argoproj.io';
import { ARGO_CD_NAMESPACE } from '../facts/namespaces';
import { IN_CLUSTER } from './application';
import type { ReviewedKind, ReviewedPermissions } from '../lib/kubernetes/reviewed-facts';

export interface ProjectProps {
  /** One sentence for people. */
  readonly description: string;
  /** The only repositories (git or Helm) that Applications of the project may read. */
  readonly repositories: readonly string[];
  /** Kinds and namespaces that a reviewer allowed. */
  readonly permissions: ReviewedPermissions;
}

/**
 * One file of `dist/argocd/` with one AppProject: the kinds, namespaces and repositories of its Applications. Source:
 * https://argo-cd.readthedocs.io/en/stable/user-guide/projects/.
 */
export class Project extends Chart {
  constructor(scope: Construct, name: string, props: ProjectProps) {
    super(scope, `project-${name}`, { disableResourceNameHashes: true });
    const { namespaces, clusterKinds, namespacedKinds } = props.permissions;
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
        destinations: namespaces.map((namespace) => ({ server: IN_CLUSTER, namespace })),
        clusterResourceWhitelist: listed(clusterKinds),
        namespaceResourceWhitelist: listed(namespacedKinds),
      },
    });
  }
}

/** Argo CD does not tell an empty list from a missing one; a project without destinations permits nothing either way. */
const listed = (kinds: readonly ReviewedKind[]) =>
  kinds.length === 0 ? undefined : kinds.map((kind) => ({ ...kind }));
