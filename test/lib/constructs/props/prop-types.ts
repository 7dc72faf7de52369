import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '..', '..', '..', '..', 'lib', 'constructs');

/** The types of `lib/constructs`, as the compiler sees them. */
export class PropTypes {
  readonly checker: ts.TypeChecker;
  private readonly program: ts.Program;
  private readonly files: readonly string[];

  constructor() {
    this.files = (readdirSync(ROOT, { recursive: true }) as string[])
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(ROOT, file));
    this.program = programOf(this.files);
    this.checker = this.program.getTypeChecker();
  }

  /** Parameters of every exported class's constructor but the first, which says where it belongs; by class name. */
  constructors(): ReadonlyMap<string, readonly ts.Symbol[]> {
    const found = new Map<string, readonly ts.Symbol[]>();
    for (const [symbol, file] of this.exports()) {
      if (!(symbol.flags & ts.SymbolFlags.Class)) continue;
      const [signature] = this.checker.getTypeOfSymbolAtLocation(symbol, file).getConstructSignatures();
      if (signature) found.set(symbol.name, signature.parameters.slice(1));
    }
    return found;
  }

  /** An exported interface. */
  interface(name: string): ts.Type {
    const found = this.exports().find(([symbol]) => symbol.name === name);
    if (!found) throw new Error(`lib/constructs exports no ${name}`);
    return this.checker.getDeclaredTypeOfSymbol(found[0]);
  }

  private exports(): [ts.Symbol, ts.SourceFile][] {
    return this.files.flatMap((path) => {
      const file = this.program.getSourceFile(path)!;
      const module = this.checker.getSymbolAtLocation(file);
      const symbols = module ? this.checker.getExportsOfModule(module) : [];
      return symbols.map((symbol): [ts.Symbol, ts.SourceFile] => [symbol, file]);
    });
  }
}

/** Packages and generated bindings are left out: no prop is of a type of theirs, and reading them takes seconds. */
function programOf(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = { strict: true, target: ts.ScriptTarget.ES2022, types: [], noEmit: true };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, containing) =>
    literals.map(({ text }) => ({
      resolvedModule:
        text.startsWith('.') && !text.includes('imports/')
          ? ts.resolveModuleName(text, containing, options, host).resolvedModule
          : undefined,
    }));
  return ts.createProgram([...files], options, host);
}
