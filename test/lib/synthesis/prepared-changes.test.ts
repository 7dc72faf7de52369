import type { Loose } from '../../fixtures/loose';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { compare, type Difference } from '../../../lib/synthesis/difference';
import {
  differenceAsAnnotations,
  differenceAsJson,
  differenceAsSarif,
} from '../../../lib/synthesis/difference/machine-readable';
import { differenceAsMarkdown, differenceAsText } from '../../../lib/synthesis/difference/report';
import { readFolder } from '../../../lib/synthesis/write';
import { toYaml } from '../../../lib/synthesis/yaml';

const dist = readFolder(join(__dirname, '..', '..', '..', 'dist'));

type Editable = Loose;

/** dist/ with objects of one kind edited, or dropped where the edit says so. */
function withEdited(path: string, kind: string, edit: (object: Editable) => unknown, name?: string) {
  const text = dist.get(path);
  if (text === undefined) throw new Error(`there is no ${path}`);
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  const isMeant = (object: KubernetesObject) =>
    object.kind === kind && (name === undefined || object.metadata.name === name);
  if (!objects.some(isMeant)) throw new Error(`${path} has no ${kind} ${name ?? ''}`);
  const kept = objects.filter((object) => !isMeant(object) || edit(object) !== DROP);
  return new Map([...dist, [path, toYaml(kept)]]);
}

const DROP = Symbol('drop');
const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';

function differenceTo(after: ReadonlyMap<string, string>): Difference {
  return compare(dist, after);
}

/** What stands first: effect, object, and the sentence. */
function leads({ consequences }: Difference): [string, string, string] {
  const [first] = consequences;
  return [first!.effect, first!.object, first!.sentence];
}

const role = (verbs: string[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'reader', namespace: 'ahuora' },
  rules: [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs }],
});

describe('a prepared change leads with what matters', () => {
  it('image bump: the pods that restart, told once for all variants', () => {
    const difference = differenceTo(
      withEdited('workloads/base/django-api.yaml', 'Deployment', ({ spec }) => {
        spec.template.spec.containers[0].image = 'ahuora/django-api:999.0.1';
      }),
    );
    expect(leads(difference)).toEqual(['restart', 'Deployment/django-api (ahuora)', expect.stringMatching(/→ ahuora\/django-api:999\.0\.1: its pods are replaced a few at a time/)]);
    expect(difference.consequences).toHaveLength(1);
    expect(difference.consequences[0]!.alsoIn.length).toBeGreaterThan(50);
    expect(differenceAsText(difference.changes, difference.consequences).match(/999\.0\.1/g)).toHaveLength(2);
  });

  it('volume moved: refused by the API server', () => {
    const difference = differenceTo(
      withEdited('platform/postgres.yaml', 'PersistentVolume', ({ spec }) => {
        spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values = ['worker-2'];
      }),
    );
    expect(leads(difference)).toEqual(['refused', 'PersistentVolume/postgres', expect.stringContaining('nodeAffinity')]);
  });

  it('host added: a way in, and whether sign-in stands before it', () => {
    const add = (chain?: string) =>
      withEdited('platform/gateway.yaml', 'Ingress', ({ metadata, spec }) => {
        if (chain !== undefined) metadata.annotations[CHAIN] = chain;
        const [rule] = spec.rules;
        spec.rules.push({ ...rule, host: 'new.example.org' });
      }, 'front-end');
    expect(leads(differenceTo(add()))).toEqual(['way-in', 'Ingress/front-end (ahuora)', expect.stringMatching(/new\.example\.org.* behind sign-in$/)]);
    const open = differenceTo(add('')).consequences.find(({ effect }) => effect === 'way-in');
    expect(open!.sentence).toMatch(/new\.example\.org.* to everybody, without sign-in$/);
  });

  it('sign-in removed: from the chain of a route, or from the middleware at its end', () => {
    const ofRoute = differenceTo(
      withEdited('platform/gateway.yaml', 'Ingress', ({ metadata }) => delete metadata.annotations[CHAIN], 'front-end'),
    );
    expect(leads(ofRoute)).toEqual(['sign-in', 'Ingress/front-end (ahuora)', expect.stringMatching(/no longer asks for sign-in: everybody on the internet reaches front-end/)]);
    const ofMiddleware = differenceTo(withEdited('platform/gateway.yaml', 'Middleware', () => DROP, 'oauth-forwarder'));
    const lost = ofMiddleware.consequences.filter(({ effect }) => effect === 'sign-in');
    expect(lost.map(({ object }) => object)).toEqual(expect.arrayContaining(['Ingress/api (ahuora)', 'Ingress/front-end (ahuora)']));
    expect(ofMiddleware.consequences[0]!.effect).toBe('sign-in');
  });

  it('rights widened: which', () => {
    const before = new Map([...dist, ['platform/role.yaml', toYaml([role(['get'])] as never)]]);
    const after = new Map([...dist, ['platform/role.yaml', toYaml([role(['get', 'list'])] as never)]]);
    expect(leads(compare(before, after))).toEqual(['right', 'Role/reader (ahuora)', 'who is bound to it may now list pods, list secrets']);
    expect(compare(after, before).consequences).toEqual([]);
  });

  it('limit changed: the database is away while it restarts', () => {
    const difference = differenceTo(
      withEdited('platform/postgres.yaml', 'StatefulSet', ({ spec }) => {
        spec.template.spec.containers[0].resources.limits.memory = '3Gi';
      }),
    );
    expect(leads(difference)).toEqual(['restart', 'StatefulSet/postgres (ahuora)', expect.stringContaining('it is away meanwhile')]);
  });

  it('row of a variant changed: of that variant alone, and only once it runs', () => {
    const path = [...dist.keys()].find((one) => /workloads\/fs-cpu-500m-target-25\/patches\.yaml/.test(one))!;
    const difference = differenceTo(
      withEdited(path, 'Deployment', ({ spec }) => {
        spec.template.spec.containers[0].resources.requests.cpu = '510m';
      }, 'django-api'),
    );
    expect(difference.consequences).toHaveLength(1);
    expect(difference.consequences[0]).toMatchObject({ effect: 'restart', place: 'workloads/fs-cpu-500m-target-25', alsoIn: [] });
    expect(difference.consequences[0]!.sentence).toMatch(/\(once this variant runs\)$/);
  });

  it('chart version: that its objects are not seen here', () => {
    const difference = differenceTo(
      withEdited('argocd/monitoring.yaml', 'Application', ({ spec }) => {
        spec.source.targetRevision = '99.0.0';
      }),
    );
    expect(leads(difference)).toEqual(['unseen', expect.stringContaining('Application/monitoring'), expect.stringMatching(/k8s-monitoring goes from .* to 99\.0\.0/)]);
  });

  it('claim grown: refused, because no class lets it grow', () => {
    const difference = differenceTo(
      withEdited('platform/postgres-backup.yaml', 'PersistentVolumeClaim', ({ spec }) => {
        spec.resources.requests.storage = '50Gi';
      }),
    );
    expect(leads(difference)).toEqual(['refused', expect.stringContaining('PersistentVolumeClaim/'), expect.stringContaining('cannot grow')]);
    const ofPostgres = withEdited('platform/postgres.yaml', 'StatefulSet', ({ spec }) => {
      spec.volumeClaimTemplates[0].spec.resources.requests.storage = '50Gi';
    });
    expect(leads(differenceTo(ofPostgres))).toEqual(['refused', 'StatefulSet/postgres (ahuora)', expect.stringContaining('volumeClaimTemplates[0]')]);
  });

  it('component deleted: what stops; data that is protected stays, and without protection is lost', () => {
    const without = new Map(dist);
    without.delete('platform/postgres.yaml');
    without.delete('platform/postgres-backup.yaml');
    const difference = differenceTo(without);
    expect(leads(difference)).toEqual(['stops', expect.any(String), expect.any(String)]);
    expect(difference.consequences.filter(({ effect }) => effect === 'kept').map(({ object }) => object)).toEqual(
      expect.arrayContaining(['PersistentVolume/postgres', 'PersistentVolumeClaim/postgres-backup (ahuora)']),
    );
    const unprotected = withEdited('platform/postgres-backup.yaml', 'PersistentVolumeClaim', ({ metadata }) => delete metadata.annotations);
    expect(compare(unprotected, without).consequences[0]).toMatchObject({ effect: 'data', object: 'PersistentVolumeClaim/postgres-backup (ahuora)' });
    expect(leads(differenceTo(unprotected))[0]).toBe('data');
  });
}); // prettier-ignore

describe('policies', () => {
  it('that let in more are a way in, that let in less are none', () => {
    const network = 'platform/network.yaml';
    const name = [...dist.get(network)!.matchAll(/kind: NetworkPolicy\nmetadata:\n {2}name: (\S+)/g)].map(([, one]) => one!);
    const target = name.find((one) => one.includes('postgres'))!;
    const everybody = withEdited(network, 'NetworkPolicy', ({ spec }) => void (spec.ingress = [{}]), target);
    expect(leads(differenceTo(everybody))).toEqual(['way-in', `NetworkPolicy/${target} (ahuora)`, 'it lets in everybody, on every port']);
    const narrower = compare(everybody, dist).consequences;
    expect(narrower.map(({ effect, sentence }) => `${effect}: ${sentence}`)).toEqual(['stops: it no longer lets in everybody, on every port: what still calls so fails']);
    const denial = parseAllDocuments(dist.get(network)!).map((one) => one.toJS() as Editable).find(({ spec }) => spec?.podSelector && Object.keys(spec.podSelector).length === 0 && !spec.ingress);
    const gone = differenceTo(withEdited(network, 'NetworkPolicy', () => DROP, denial.metadata.name));
    expect(leads(gone)[0]).toBe('way-in');
  });
}); // prettier-ignore

describe('what programs read', () => {
  const after = withEdited('platform/postgres.yaml', 'PersistentVolume', ({ spec }) => {
    spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values = ['worker-2'];
  });
  const outputs = { before: dist, after, folder: 'dist' };
  const line = after.get('platform/postgres.yaml')!.split('\n').findIndex((one) => one.trim() === 'nodeAffinity:'); // prettier-ignore

  it('names file and line of the field', () => {
    const { consequences } = JSON.parse(differenceAsJson(differenceTo(after), outputs)) as { consequences: { file: string; line: number; level: string }[] }; // prettier-ignore
    expect(consequences[0]).toMatchObject({ level: 'error', file: 'dist/platform/postgres.yaml' });
    // The field itself, or what is below it.
    expect(consequences[0]!.line).toBeGreaterThanOrEqual(line + 1);
    expect(consequences[0]!.line).toBeLessThan(line + 10);
  });

  it('is an annotation of GitHub whose text cannot end it early', () => {
    const [first] = differenceAsAnnotations(differenceTo(after), outputs).split('\n');
    expect(first).toMatch(/^::error file=dist\/platform\/postgres\.yaml,line=\d+,title=Refused by the API server::PersistentVolume\/postgres: /);
    const one = { effect: 'stops', field: '', sentence: '100 %\n::error::', place: 'platform', alsoIn: [], object: 'Job/a' } as const;
    expect(differenceAsAnnotations({ changes: [], consequences: [one] }, outputs)).toBe('::warning title=Stops or diverts something::Job/a: 100 %25%0A::error::');
  }); // prettier-ignore

  it('is SARIF 2.1.0 with a rule for each result', () => {
    const log = JSON.parse(differenceAsSarif(differenceTo(after), outputs)) as Editable;
    const [{ tool, results }] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(tool.driver.rules.map(({ id }: Editable) => id)).toContain(results[0].ruleId);
    expect(results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('dist/platform/postgres.yaml');
  });

  it('leads the comment, and nothing of a manifest becomes markup', () => {
    const difference = differenceTo(after);
    const text = differenceAsMarkdown(difference.changes, difference.consequences);
    expect(text.indexOf('[!CAUTION]')).toBeGreaterThan(0);
    expect(text.indexOf('[!CAUTION]')).toBeLessThan(text.indexOf('| Object |'));
    const hostile = { effect: 'stops', field: '', sentence: '<img src=x> [a](b) @team', place: 'platform', alsoIn: [], object: 'Job/a' } as const; // prettier-ignore
    expect(differenceAsMarkdown([], [hostile])).not.toMatch(/(^|[^\\])<img|(^|[^\\])\[a\]|@team/);
  });
});
