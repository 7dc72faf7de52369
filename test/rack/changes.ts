/**
 * What Ansible's output says was changed, or would be: the lines of the differences shown, by `host: task`. Lines on a file's or
 * folder's mode and owner are left out: a dry run can't know what a folder gets that does not exist yet.
 */
export function changesOf(outputs: readonly string[]): Map<string, string[]> {
  const changes = new Map<string, string[]>();
  let task = '';
  let shown: string[] = [];
  for (const line of outputs.flatMap((output) => output.split('\n'))) {
    const title = /^(?:TASK|RUNNING HANDLER) \[(.*)\] \*+$/.exec(line)?.[1];
    const result = /^(changed|ok|skipping|fatal|failed): \[([\w-]+)/.exec(line);
    if (title !== undefined) [task, shown] = [title, []];
    else if (!result) shown.push(line);
    else {
      const key = `${result[2]}: ${task}`;
      if (result[1] === 'changed') changes.set(key, [...(changes.get(key) ?? []), ...shown.filter(isDifference)]);
      shown = [];
    }
  }
  return changes;
}

const isDifference = (line: string): boolean =>
  /^[-+](?!--|\+\+)/.test(line) && !/^[-+] {4}(mode|owner|group|state|path):/.test(line);
