import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import ts from 'typescript';

/** A file as the rules see it: the path from the repository's root, with slashes, and the text. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file below the folders, without what was installed or built. */
export function readSources(root: string, folders: readonly string[]): readonly SourceText[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/[\\/](node_modules|dist|\.sst)[\\/]/.test(path))
      .map((path) => ({
        path: relative(root, path).replaceAll('\\', '/'),
        text: readFileSync(path, 'utf8'),
      })),
  );
}

const trees = new WeakMap<SourceText, ts.SourceFile>();

export function treeOf(source: SourceText): ts.SourceFile {
  const known = trees.get(source);
  if (known) return known;
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true);
  trees.set(source, tree);
  return tree;
}

/** Every node of the file, parents before children. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** Something that a file takes from elsewhere, types included. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
  /** The names it takes; `*` for all of them. */
  readonly names: readonly string[];
  /** A path in the repository; undefined for a package or a part of Node. */
  readonly target: string | undefined;
}

const imported = new WeakMap<SourceText, readonly Import[]>();

export function importsOf(source: SourceText): readonly Import[] {
  const known = imported.get(source) ?? readImports(source);
  imported.set(source, known);
  return known;
}

function readImports(source: SourceText): readonly Import[] {
  const tree = treeOf(source);
  const imports: Import[] = [];
  for (const node of nodesOf(tree)) {
    const found = importAt(node);
    if (!found) continue;
    const line = lineOf(tree, node);
    imports.push({ line, ...found, target: targetOf(source.path, found.specifier) });
  }
  return imports;
}

function importAt(node: ts.Node): { specifier: string; names: readonly string[] } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, names: importedNames(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    const names = node.exportClause && ts.isNamedExports(node.exportClause);
    const taken = names ? (node.exportClause as ts.NamedExports).elements : [];
    const specifier = (node.moduleSpecifier as ts.StringLiteral).text;
    return { specifier, names: names ? taken.map(nameOf) : ['*'] };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: (node.argument.literal as ts.StringLiteral).text, names: ['*'] };
  }
  if (!ts.isCallExpression(node)) return undefined;
  const called = node.expression;
  const loads =
    called.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(called) && called.text === 'require');
  const [specifier] = node.arguments;
  if (!loads || !specifier || !ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, names: ['*'] };
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] {
  if (!clause) return [];
  const bindings = clause.namedBindings;
  const named = !bindings
    ? []
    : ts.isNamedImports(bindings)
      ? bindings.elements.map(nameOf)
      : ['*'];
  return clause.name ? ['default', ...named] : named;
}

function nameOf(element: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (element.propertyName ?? element.name).text;
}

const ownPackage = /^@trailkeep\/(\w+)\/(.+)$/;

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const [, name, path] = ownPackage.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  return name === 'infra' ? `packages/infra/${path}` : `packages/${name}/src/${path}`;
}

export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** Tests, the contracts they run, and what they are given: they may use what they compare with. */
export function isTest(path: string): boolean {
  if (path === 'packages/core/src/domain/spec.ts') return true;
  return /\.(test|contract|fixture|reference)\.ts$/.test(path) || path.startsWith('test/');
}
