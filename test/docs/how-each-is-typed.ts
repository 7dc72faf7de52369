import { blockCommands, type BlockCommand } from './block-commands';

/*
 * What becomes of each command that a block of a page shows. Most are typed in a fresh clone as they stand; of the others, the table
 * says what is typed in their place, or which test of a heavier tier types them.
 */

/** What is done with the commands that a row is about. */
export type Row = {
  /** The command, or what it looks like. */
  readonly command: string | RegExp;
} & (
  | {
      /** Typed in the clone, where it must succeed. */
      readonly typed: 'as it stands';
      /** Where, from the root of the clone. */
      readonly folder?: string;
      /** What its output must hold. */
      readonly prints?: RegExp;
    }
  | {
      /** Typed in its place: the same without what this machine has not. */
      readonly typed: string;
      readonly folder?: string;
      readonly prints?: RegExp;
      /** What is left out, and who does that. */
      readonly because: string;
    }
  | {
      /** Typed as it stands, with nothing of what it needs: it must get as far as this sentence, and so understands every word before. */
      readonly endsWith: RegExp;
      readonly because: string;
    }
  | {
      /** Test of a heavier tier that types it. */
      readonly by: string;
      /** What that test has in it when it does. */
      readonly there: RegExp;
    }
  | {
      /** Not typed anywhere, and why nothing here can. */
      readonly never: string;
    }
);

const recipes = { by: 'test/cluster/argo-cd.cluster.test.ts', there: /await type\(resume!\)/ };
const others = { by: 'test/cluster/pages.cluster.test.ts', there: /commandsTypedBy\(/ };
const walk = { by: 'test/rack/installation-steps.ts', there: /page\.take\('sudo nmcli '\)/ };

/** Rows are looked through from above; the first that fits holds. */
export const ROWS: readonly Row[] = [
  // The two commands of the README: what they run is the whole proof's own first stages.
  {
    command: 'npm ci && npm run synth',
    typed: 'npm ci --dry-run --offline --silent && npm run synth',
    because: 'installing anew',
  },
  {
    command: 'npm ci && npm test',
    typed: 'npm ci --dry-run --offline --silent && npm run typecheck',
    because: 'a test never starts all of them',
  },
  { command: 'npm test', typed: 'npm run typecheck', because: 'a test never starts all of them' },

  // Rendering, drawing and comparing.
  { command: 'npm run synth', typed: 'as it stands', prints: /^django-api +\d+ /m },
  { command: 'npm run synth -- --diff', typed: 'as it stands', prints: /would change/ },
  {
    command: 'npm run synth -- --diff --against main',
    typed: 'as it stands',
    prints: /would change|\d+ changed|added|removed/,
  },
  { command: 'npm run synth -- --diff --against cluster', ...others },
  { command: /^HELM=\$\(npm run --silent tools -- helm\) npm run synth -- --diff$/, typed: 'as it stands' },
  { command: 'npm run docs -- --pictures', typed: 'as it stands', prints: /architecture\.svg/ },
  { command: 'npm run synth && npm run docs -- --pictures', typed: 'as it stands', prints: /architecture\.svg/ },
  { command: 'npm run vault-example', typed: 'as it stands', prints: /vault\.example\.yml: \d+ Secrets/ },
  { command: 'git add --intent-to-add dist', typed: 'as it stands' },
  { command: 'git diff dist', typed: 'as it stands' },
  { command: 'cp WIDGETS-CRD.yaml imports/third-party/', typed: 'as it stands' },
  {
    command: 'CDK8S_SAVE=false npx cdk8s import imports/third-party/WIDGETS-CRD.yaml',
    typed:
      'CDK8S_SAVE=false npx cdk8s import imports/third-party/WIDGETS-CRD.yaml && test -s imports/example.org.ts && git diff --exit-code cdk8s.yaml && rm imports/example.org.ts',
    prints: /example\.org\/widget/,
    because: 'what it makes is looked at, and taken away again',
  },
  {
    command: /^npm run --silent next-version -- --prefix django-api --repository \.\.\/platform$/,
    typed: 'as it stands',
    prints: /^0\.0\.18$/m,
  },

  // Experiments.
  { command: 'npm run experiment -- rehearse --experiment signal', typed: 'as it stands', prints: /in-flight/ },
  {
    command: /^npm run experiment -- rehearse --variant uor-minimum-1 /,
    typed: 'as it stands',
    prints: /uor-minimum-1/,
  },
  {
    command: 'npm run experiment -- rehearse',
    typed: 'npm run experiment -- rehearse --experiment minimum-replicas --repetitions 1',
    because: 'a part of the plan says the same',
    prints: /minimum/,
  },
  {
    command: 'npm run experiment -- rehearse --output campaigns/rehearsal',
    typed: 'npm run experiment -- rehearse --experiment minimum-replicas --repetitions 1 --output campaigns/rehearsal',
    because: 'a part of the plan says the same',
    prints: /report\.html/,
  },
  {
    command: /^npm run experiment -- search --objective /,
    typed: 'npm run experiment -- search --candidates 2 --objective "p95 < 200 ms at spike"',
    because: 'two candidates say the same as a hundred',
  },
  {
    command: /^npm run experiment -- search --signals /,
    typed:
      'npm run experiment -- search --candidates 2 --signals --objective "99 % of solves under 20 s over the spike"',
    because: 'two candidates say the same as a hundred',
  },
  {
    command: 'npm run experiment -- calibrate campaigns/A --predict campaigns/B',
    typed: 'npm run experiment -- calibrate docs/measured/demo --predict docs/measured/signals-uor',
    because: 'A and B are campaigns of the reader',
    prints: /predicted/,
  },
  {
    command: 'npm run experiment -- calibrate docs/measured/demo --experiment replica-count',
    typed: 'as it stands',
    prints: /predicted/,
  },
  {
    command: 'npm run experiment -- scale',
    typed: 'npm run experiment -- scale --nodes 8 --rate 200',
    because: '10,000 requests per second take minutes to play',
    prints: /nodes/,
  },
  { command: /^npm run experiment -- scale --nodes /, typed: 'as it stands', prints: /nodes/ },
  {
    command: /^npm run experiment -- run --local --profile spike --scale 0\.05$/,
    by: 'test/docs/typed-commands.experiments.test.ts',
    there: /commandsTypedBy\(/,
  },
  {
    command: /^npm run experiment -- run --experiment resources --test-type fs /,
    endsWith: /GRAFANA_CLOUD_PROMETHEUS_URL is not set/,
    because: "the cluster is the reader's",
  },
  {
    command: /^npm run experiment -- run --site cluster /,
    endsWith: /GRAFANA_CLOUD_PROMETHEUS_URL is not set/,
    because: "the cluster is the reader's",
  },
  {
    command: /^npm run experiment -- run --site live /,
    endsWith: /No live cluster runs here/,
    because: 'the live cluster takes root and minutes',
  },
  {
    command: 'npm run experiment -- resume docs/measured/demo',
    endsWith: /No live cluster runs here/,
    because: 'the live cluster takes root and minutes',
  },
  {
    command: 'npm run experiment -- resume campaigns/resources-fs',
    endsWith: /campaigns\/resources-fs/,
    because: "the campaign is the reader's",
  },
  {
    command: /^npm run measure( |$)/,
    typed: 'npm run measure -- --help',
    because: 'it takes root and half an hour; the campaigns of docs/measured come from it',
    prints: /--plan/,
  },
  {
    command: 'npm run reference-api -- --tls',
    by: 'test/docs/typed-commands.experiments.test.ts',
    there: /commandsTypedBy\(/,
  },
  { command: 'install -m 600 /dev/null ~/.ahuora-session', typed: 'as it stands' },
  { command: /^printf .* > ~\/\.ahuora-session$/, typed: 'as it stands' },
  {
    command: 'export AHUORA_API_COOKIE_FILE=~/.ahuora-session',
    typed: 'export AHUORA_API_COOKIE_FILE=~/.ahuora-session && test "$(stat -c %a "$AHUORA_API_COOKIE_FILE")" = 600',
    because: 'a shell of its own would forget it',
  },

  // Hosts.
  { command: /^ansible-playbook /, by: 'test/rack/lint.rack.test.ts', there: /documentedPlaybooks\(\)/ },
  { command: 'cd ansible', typed: 'as it stands' },
  { command: 'git diff inventory/group_vars/all/checksums.yml', typed: 'as it stands', folder: 'ansible' },
  {
    command: 'cp inventory/group_vars/all/vault.example.yml inventory/group_vars/all/vault.yml',
    typed: 'as it stands',
    folder: 'ansible',
  },
  { command: /^ansible-vault encrypt /, by: 'test/rack/ansible.ts', there: /'ansible-vault'\),\s+\['encrypt'/ },
  {
    command: /^python3 -m venv ~\/ansible /,
    typed: 'python3 -m venv --without-pip ~/ansible && test -f tools/requirements-ansible.txt',
    because: 'test/rack/ansible.ts installs the same list',
  },
  { command: /^sudo nmcli /, ...walk },
  {
    command: /^go run -C \.\.\/tools\/crane /,
    by: 'test/rack/stage-steps.ts',
    there: /page\.take\('go run '\)/,
  },
  {
    command: /^GOOS=linux GOARCH=arm64 .*-C \.\.\/tools\/registry-mirror /,
    typed: 'GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go list -C ../tools/registry-mirror -deps . >/dev/null',
    folder: 'ansible',
    because: 'test/rack/rack.ts builds it, for this machine',
  },
  {
    command: /^ssh-keygen -R 192\.168\.100\.\d+$/,
    typed: 'ssh-keygen -R 192.168.100.124 -f ~/.ssh/known_hosts',
    because: 'ssh-keygen asks the system, not HOME, for the home',
    prints: /updated/,
  },
  { command: /^python3 -c 'import sys, yaml; /, typed: 'as it stands' },
  { command: /^curl --fail .*config\/v1\/rules\/ahuora"$/, typed: 'as it stands' },
  {
    command: /^(set -a; \. \/etc\/offsite-copy|restic (snapshots|restore))/,
    by: 'test/rack/offsite-steps.ts',
    there: /restic/,
  },

  // A key for the dumps: typed in this order. What is fetched from a node is tested where the scripts are.
  {
    command: /^openssl req -x509 .* -keyout dump-recipient\.key -out dump-recipient\.pem$/,
    typed:
      "openssl req -x509 -newkey rsa:4096 -days 36500 -subj '/CN=dumps of ahuora' -passout pass:typed -keyout dump-recipient.key -out dump-recipient.pem 2> /dev/null && openssl x509 -in dump-recipient.pem -noout -subject",
    prints: /dumps of ahuora/,
    because: 'the passphrase, which a person types',
  },
  {
    command: /^openssl cms -decrypt .* -inkey dump-recipient\.key /,
    typed:
      'echo dumped | openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER -out ahuora-20261127T123000Z.dump.cms dump-recipient.pem && openssl cms -decrypt -binary -inform DER -passin pass:typed -inkey dump-recipient.key -in ahuora-20261127T123000Z.dump.cms -out ahuora-20261127T123000Z.dump && cat ahuora-20261127T123000Z.dump',
    prints: /^dumped$/m,
    because: 'a dump of the cluster, in whose place a line is encrypted, and the passphrase',
  },
  {
    command: /^ssh worker-2 'sudo (ls|cat|install|rm) .*\/var\/lib\/ahuora\/postgres-backup/,
    by: 'test/cluster/database/encrypted-dumps.cluster.test.ts',
    there: /until it lies decrypted beside it/,
  },

  // The cluster.
  {
    command: /k3s token rotate|systemctl (stop|start)( --no-block)? k3s$|\/var\/lib\/rancher\/k3s\/server/,
    never: 'K3s itself runs in no tier; .github/workflows/real-k3s.yml has it on machines of GitHub',
  },
  {
    command: /^sudo kubectl .* exec -it postgres-0 /,
    never: 'a terminal in a running container; test/live/database.ts asks psql in the same container without one',
  },
  {
    command: /^kubectl get --raw '\/apis\/external\.metrics\.k8s\.io\//,
    by: 'test/cluster/signals.cluster.test.ts',
    there: /external\.metrics\.k8s\.io\/v1beta1/,
  },
  { command: /^kubectl --namespace ahuora create job --from=cronjob\/postgres-backup postgres-backup-now$/, ...others },
  { command: /^(sudo )?kubectl (drain|delete node|-n kube-system delete|delete apiservice)/, ...others },
  { command: /^kubectl |^for attempt in /, ...recipes },
];

/** The first row that is about a command. */
export const rowOf = (command: string): Row | undefined =>
  ROWS.find((row) => (typeof row.command === 'string' ? row.command === command : row.command.test(command)));

/** Commands of the pages that a test of a heavier tier types. */
export const commandsTypedBy = (test: string): BlockCommand[] =>
  blockCommands().filter(({ command }) => {
    const row = rowOf(command);
    return row !== undefined && 'by' in row && row.by === test;
  });
