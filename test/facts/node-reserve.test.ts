import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNodeReserve } from '../../facts/ansible/node-reserve';

const ANSIBLE = join(__dirname, '../../ansible');
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'reserve-'));
  for (const path of ['inventory', 'roles/k3s_node/defaults'])
    cpSync(join(ANSIBLE, path), join(copy, path), { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

const reserve = () => readNodeReserve(join(copy, 'inventory/hosts.yml'));
const AGENT = 'inventory/group_vars/agent/main.yml';
const DEFAULTS = 'roles/k3s_node/defaults/main.yml';

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(copy, file), 'utf8');
  expect(text).toMatch(from);
  writeFileSync(join(copy, file), text.replace(from, to));
}

test('a node keeps what Ansible tells its kubelet, and the memory below which it evicts', () => {
  expect(readNodeReserve(join(ANSIBLE, 'inventory/hosts.yml'))).toEqual({
    server: { cpuMillicores: 500, memoryMiB: 1280 },
    agent: { cpuMillicores: 200, memoryMiB: 768 },
  });
});

test('another reserve or threshold is counted with at once', () => {
  edit(AGENT, 'cpu=200m,memory=512Mi', 'memory=1Gi,cpu=0.3');
  edit(DEFAULTS, 'memory.available<256Mi', 'memory.available<100Mi');
  expect(reserve()).toEqual({
    server: { cpuMillicores: 500, memoryMiB: 1124 },
    agent: { cpuMillicores: 300, memoryMiB: 1124 },
  });
});

test('a group that sets nothing has the default of the role', () => {
  edit(AGENT, /k3s_node_system_reserved.*/, '');
  edit(DEFAULTS, 'cpu=200m,memory=512Mi', 'cpu=250m,memory=512Mi');
  expect(reserve().agent).toEqual({ cpuMillicores: 250, memoryMiB: 768 });
});

test.each([
  [AGENT, 'cpu=200m', 'cpu=200', /agent\/main\.yml: k3s_node_system_reserved: cpu=200 keeps half a board or more/],
  // What both groups override is used by the next group that does not.
  [DEFAULTS, 'cpu=200m', 'cpu=2000', /defaults\/main\.yml: k3s_node_system_reserved: cpu=2000 keeps half a board/],
  [DEFAULTS, 'memory=512Mi', 'memory=512', /defaults\/main\.yml: .*memory=512 keeps next to nothing/],
  [
    DEFAULTS,
    'memory.available<256Mi',
    'memory.available<256',
    /k3s_node_eviction_hard: memory.available<256 evicts nothing/,
  ],
  [AGENT, 'cpu=200m', 'cpu=lots', /group_vars\/agent\/main.yml: k3s_node_system_reserved: "cpu=lots,.*cpu=…/],
  [AGENT, 'cpu=200m,', '', /k3s_node_system_reserved: "memory=512Mi" has no amount in the form cpu=…/],
  [AGENT, 'cpu=200m,memory=512Mi', '3', /agent\/main.yml: k3s_node_system_reserved: 3 is not text/],
  [DEFAULTS, 'memory.available<256Mi,', '', /defaults\/main.yml: k3s_node_eviction_hard: .*memory.available<…/],
  [
    DEFAULTS,
    /nodefs\.available<\d+%/,
    'nodefs.available<60%',
    /nodefs\.available<60% evicts pods from a card that has room/,
  ],
  [DEFAULTS, /,nodefs\.available<\d+%/, '', /is missing, so a full card stops the node/],
  [DEFAULTS, /k3s_node_eviction_hard.*/, '', /k3s_node_eviction_hard is missing/],
])('in %s, "%s" as "%s" is refused in one sentence', (file, from, to, sentence) => {
  edit(file, from, to);
  expect(reserve).toThrow(sentence);
});
