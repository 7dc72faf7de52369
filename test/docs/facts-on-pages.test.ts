import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseRoles } from '../../facts/secrets';
import { pages, ROOT } from './pages';

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** A section of a page, up to the next heading of any depth. */
function section(page: string, heading: string): string {
  const [, text] = textOf(page).split(new RegExp(`^#+ ${heading}$`, 'm'));
  return text!.split(/^#+ /m)[0]!;
}

test('the roles of the database have the names of the facts, on its page and wherever else one is named', () => {
  const rows = [...section('docs/database.md', 'Roles').matchAll(/^\| [a-z-]+, `(\w+)` +\| `([\w-]+)` +\|/gm)];
  const named = Object.fromEntries(rows.map(([, role, secret]) => [secret, role]));
  expect(named).toEqual({ ...databaseRoles, postgres: 'postgres' });
  const elsewhere = pages.flatMap((page) => textOf(page).match(/\bahuora_(?!oauth)[a-z]+\b/g) ?? []);
  expect(elsewhere.length).toBeGreaterThan(3);
  expect(Object.values(databaseRoles)).toEqual(expect.arrayContaining([...new Set(elsewhere)]));
});

test('when dumps are made and how long they stay is told by the settings, not by the page', () => {
  const text = section('docs/database.md', 'Backup').split('```')[0]!;
  expect(text).toContain('backup.schedule');
  expect(text.match(/\b\d+(:\d+| days)/g)).toBeNull();
});
