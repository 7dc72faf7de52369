import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** Exported interfaces whose name ends in Props or Settings, with each member that has no text for an editor to show. */
function membersWithoutText(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const isExported = (node: ts.InterfaceDeclaration) =>
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  for (const node of source.statements) {
    if (!ts.isInterfaceDeclaration(node) || !isExported(node) || !/(Props|Settings)$/.test(node.name.text)) continue;
    for (const member of node.members) {
      const isTold = ts.getJSDocCommentsAndTags(member).length > 0;
      if (!isTold) found.push(`${file}: ${node.name.text}.${member.name?.getText() ?? ''}`);
    }
  }
  return found;
}

const files = ['lib/constructs', 'charts', 'argocd', 'facts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);

test('every prop that a person writes has a text that editors show', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.flatMap((file) => membersWithoutText(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test('one without a text is found', () => {
  const text = 'export interface WebProps {\n  /** What. */ readonly image: string;\n  readonly port: number;\n}';
  expect(membersWithoutText('web.ts', text)).toEqual(['web.ts: WebProps.port']);
});
