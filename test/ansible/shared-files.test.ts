import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const ANSIBLE = join(__dirname, '..', '..', 'ansible');

/** Modules that read a file, change a part of it and write it again. */
const EDITORS = /(^|\.)(known_hosts|lineinfile|blockinfile|replace|ini_file)$/;

type Task = Readonly<Record<string, unknown>>;

/** Tasks of all playbooks and roles, those inside blocks included. */
function* tasks(value: unknown): Iterable<Task> {
  if (Array.isArray(value)) for (const each of value) yield* tasks(each);
  else if (typeof value === 'object' && value !== null) {
    yield value as Task;
    for (const key of ['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'block', 'rescue', 'always'])
      yield* tasks((value as Task)[key]);
  }
}

/** Tasks that several hosts run at once against one file of another host. */
function racing(text: string): string[] {
  return parseAllDocuments(text)
    .flatMap((document) => [...tasks(document.toJS() as unknown)])
    .filter((task) => Object.keys(task).some((key) => EDITORS.test(key)))
    .filter((task) => task['delegate_to'] !== undefined && task['throttle'] !== 1 && task['run_once'] !== true)
    .map((task) => String(task['name']));
}

test('hosts that edit one file of another host take turns', () => {
  const files = ['playbooks', 'roles'].flatMap((folder) =>
    readdirSync(join(ANSIBLE, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yml'))
      .map((file) => join(ANSIBLE, folder, file)),
  );
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap((file) => racing(readFileSync(file, 'utf8')))).toEqual([]);
});

test('one that takes no turn is found, also inside a block', () => {
  const task = '{ name: Write, ansible.builtin.known_hosts: { name: a }, delegate_to: localhost';
  expect(racing(`- block:\n    - ${task} }`)).toEqual(['Write']);
  expect(racing(`- hosts: all\n  tasks:\n    - ${task}, throttle: 1 }`)).toEqual([]);
});
