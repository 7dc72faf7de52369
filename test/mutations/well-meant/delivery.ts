import { inFile } from '../mutation';

/** In what Argo CD is told. */
// prettier-ignore
export const wellMeantDelivery = [
  ...inFile(
    "argocd/index.ts",
    ["namespace: MONITORING_NAMESPACE,\n    syncWave: 1,", "namespace: MONITORING_NAMESPACE,\n    syncWave: 3,", /Application\/monitoring-guards.*it brings the policies of monitoring in wave 3, and.*\[guards-come-before-what-they-guard\]/],
    ["syncWave: 1, source: folder('platform')", "syncWave: 1, source: { ...folder('platform'), targetRevision: 'HEAD' }", /Application\/platform.*"HEAD" is not the branch main of the settings.*\[applications-lead-to-what-is-rendered\]/],
    ["syncWave: 0,\n    source: folder('argocd'),", "syncWave: 0,\n    source: { ...folder('argocd'), directory: { exclude: 'project-*' } },", /Application\/root.*a folder of a kustomization would be applied without it, its.*\[applications-lead-to-what-is-rendered\]/],
    ["field: '/spec/source/path',", "field: 'spec/source/path',", /Application\/root.*"spec\/source\/path" is no JSON pointer, which begins with \/.*\[differences-are-ignored-where-meant\]/],
    ["field: '/spec/source/path',", "field: '/spec/source/targetRevision',", /Application\/root.*\/spec\/source\/targetRevision is what git decides: the cluster.*\[differences-are-ignored-where-meant\]/],
  ),
  ...inFile(
    "argocd/project.ts",
    ["description: props.description,", "description: props.description, syncWindows: [{ kind: 'allow', schedule: '0 22 * * *', duration: '1h', applications: ['*'] }],", /AppProject\/ahuora.*syncWindows were never agreed to.*\[projects-are-as-agreed\]/],
    ["description: props.description,", "description: props.description, roles: [{ name: 'ci', policies: ['p, proj:ahuora:ci, applications, *, ahuora/*, allow'] }],", /AppProject\/ahuora.*roles were never agreed to.*\[projects-are-as-agreed\]/],
    ["description: props.description,", "description: props.description, permitOnlyProjectScopedClusters: true,", /AppProject\/ahuora.*permitOnlyProjectScopedClusters were never agreed to.*\[projects-are-as-agreed\]/],
  ),
  ...inFile(
    "argocd/argo-cd.ts",
    ["createNamespace: true,", "createNamespace: false,", /HelmChart\/argo-cd.*nothing makes the namespace argocd before the chart.*\[charts-of-k3s-are-installed-as-meant\]/],
    ["timeout: '20m',", "timeout: '20s',", /HelmChart\/argo-cd.*in 20s no image comes over a mobile line onto a card.*\[charts-of-k3s-are-installed-as-meant\]/],
    ["metadata: { name: 'argo-cd', namespace: 'kube-system' },", "metadata: { name: 'argo-cd', namespace: ARGO_CD_NAMESPACE },", /HelmChart\/argo-cd.*there is no Namespace argocd.*\[namespaces-exist\]/],
  ),
  ...inFile(
    "argocd/argo-cd-values.ts",
    ["'application.resourceTrackingMethod': 'annotation',", "'application.resourceTrackingMethod': 'anotation',", /HelmChart\/argo-cd.*configs\.cm\["application\.resourceTrackingMethod"\]:.*\[option-values-can-be-read\]/],
    ["'resource.customizations.health.argoproj.io_Application': [", "'resource.customizations.health.argoproj.io/Application': [", /HelmChart\/argo-cd.*configs\.cm\["resource\.customizations\.health\.argoproj\.io\/Applicati.*\[options-exist\]/],
    ["'  return { status = \"Healthy\", message = \"holds itself\" }',", "'  return { status = \"Healthy\", message = \"holds itself\" ',", /HelmChart\/argo-cd.*configs\.cm\["resource\.customizations\.health\.argoproj\.io_Applicati.*\[health-checks-can-be-read\]/],
    ["if obj.status ~= nil and obj.status.health ~= nil then", "if obj.status != nil and obj.status.health != nil then", /HelmChart\/argo-cd.*configs\.cm\["resource\.customizations\.health\.argoproj\.io_Applicati.*\[health-checks-can-be-read\]/],
    ["hs.status = obj.status.health.status or hs.status", "hs.status = obj.status.sync.status or hs.status", /HelmChart\/argo-cd.*configs\.cm\["resource\.customizations\.health\.argoproj\.io_Applicati.*\[health-checks-can-be-read\]/],
    ["'reposerver.parallelism.limit': '1',", "'reposerver.parallelism.limit': '0',", /HelmChart\/argo-cd.*configs\.params\["reposerver\.parallelism\.limit"\]:.*\[settings-are-within-reason\]/],
    ["return { status = \"Healthy\", message = \"waits for its first consumer\" }", "return { status = \"Pending\", message = \"waits for its first consumer\" }", /HelmChart\/argo-cd.*configs\.cm\["resource\.customizations\.health\.PersistentVolumeClaim.*\[health-checks-can-be-read\]/],
    ["'controller.sync.timeout.seconds': '1800',", "'controller.sync.timeout.seconds': '30m',", /HelmChart\/argo-cd.*configs\.params\["controller\.sync\.timeout\.seconds"\]:.*\[option-values-can-be-read\]/],
    ["'policy.default': ''", "'policy.default': 'role:readonly'", /HelmChart\/argo-cd.*configs\.rbac\.policy\.default: everybody who signs in is given a.*\[argo-cd-stays-closed\]/],
    ["'policy.default': ''", "'policy.default': '', 'policy.csv': 'g, ahuora:developers, role:admin'", /HelmChart\/argo-cd.*configs\.rbac\["policy\.csv"\]: roles are handed out that nobody.*\[argo-cd-stays-closed\]/],
    ["resources: mebibytes(192, 512, '100m'),", "resources: mebibytes(192, 128, '100m'),", /HelmChart\/argo-cd.*repoServer\.resources\.limits\.memory: the limit 128Mi is below.*\[chart-values-make-sense\]/],
    ["nodeSelector: { 'kubernetes.io/arch': 'arm64', 'kubernetes.io/hostname': uplinkNode },", "nodeSelector: { 'kubernetes.io/arch': 'arm64' },", /HelmChart\/argo-cd.*repoServer\.nodeSelector: it calls outside, and may run on any.*\[charts-that-call-outside-have-an-uplink\]/],
    ["'kubernetes.io/arch': 'arm64' },\n      // The chart's own", "'kubernetes.io/arch': 'amd64' },\n      // The chart's own", /HelmChart\/argo-cd.*global\.nodeSelector\.kubernetes\.io\/arch: no node has the value.*\[chart-values-lead-somewhere\]/],
  ),
];
