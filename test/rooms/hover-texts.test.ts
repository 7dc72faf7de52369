import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** Members of exported types, those of types within them included, that have no text for an editor to show. */
function membersWithoutText(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const look = (node: ts.Node, owner: string): void => {
    if (ts.isPropertySignature(node) || ts.isMethodSignature(node)) {
      const name = `${owner}.${node.name.getText()}`;
      if (ts.getJSDocCommentsAndTags(node).length === 0) found.push(`${file}: ${name}`);
      return node.forEachChild((child) => look(child, name));
    }
    node.forEachChild((child) => look(child, owner));
  };
  for (const node of source.statements) {
    if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) continue;
    if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) look(node, node.name.text);
  }
  return found;
}

/** What mirrors the values of somebody else's chart is explained by that chart. */
const OF_OTHERS = /-values\.ts$/;
/** Types of lib/kubernetes whose fields a person writes in facts and in the plan. */
const WRITTEN = ['secret.ts', 'secret-contract.ts', 'workload-variant.ts'].map((name) => `lib/kubernetes/${name}`);

const files = [
  ...['lib/constructs', 'charts', 'argocd', 'facts'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !OF_OTHERS.test(name))
      .map((name) => `${folder}/${name}`),
  ),
  ...WRITTEN,
];

test('every field that a person writes has a text that editors show, whatever its type is called', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.flatMap((file) => membersWithoutText(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test.each([
  ['a prop', 'export interface WebProps {\n  /** What. */ readonly image: string;\n  readonly port: number;\n}', 'WebProps.port'],
  ['a field of no props', 'export interface Route {\n  readonly host: string;\n}', 'Route.host'],
  ['a field within a field', 'export interface A {\n  /** What. */ readonly b: { readonly c: string };\n}', 'A.b.c'],
  ['a form of several', "export type Mount =\n  | {\n /** What. */\n readonly kind: 'a' }\n  | { readonly kind: 'b' };", 'Mount.kind'],
])('%s without a text is found', (_what, text, name) => {
  expect(membersWithoutText('web.ts', text)).toEqual([`web.ts: ${name}`]);
}); // prettier-ignore
