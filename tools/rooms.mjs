import { readFileSync } from 'node:fs';

/**
 * The rooms of the repository and which may import which, from the table of docs/architecture.md; a room inside another comes
 * first. Throws when the page has no such table, or a row names a room that has no row.
 */
export function readRooms(page = new URL('../docs/architecture.md', import.meta.url)) {
  const rows = [...readFileSync(page, 'utf8').matchAll(/^\| `([^`|]+)` +\|[^|]*\|([^|]*)\|$/gm)];
  const rooms = rows.map(([, name, imports]) => ({
    name,
    imports: [...imports.matchAll(/`([^`]+)`/g)].map((m) => m[1]),
  }));
  if (rooms.length === 0) throw new Error('docs/architecture.md: the table of rooms is missing; restore it from git.');
  const known = new Set(rooms.map(({ name }) => name));
  for (const { name, imports } of rooms) {
    const stranger = imports.find((one) => one !== '*' && !known.has(one));
    if (stranger)
      throw new Error(`docs/architecture.md: ${name} may import ${stranger}, which is no room; add its row.`);
  }
  return rooms.sort((a, b) => b.name.split('/').length - a.name.split('/').length);
}
