import ts from 'typescript';
import { lineOf, nodesOf, type SourceText, treeOf } from './source.ts';

/** Drawers, barrels, and what TypeScript cannot strip; one sentence each. */
export function checkNames(sources: readonly SourceText[]): readonly string[] {
  return sources.flatMap((source) => [...drawers(source), ...constructs(source)]);
}

const drawerNames = /^(utils?|helpers?|common|shared|index|misc|lib)$/;

function drawers({ path }: SourceText): readonly string[] {
  const problems: string[] = [];
  const parts = path.split('/');
  const stem = parts.at(-1)!.replace(/\..*$/, '');
  // Folders of the repository itself (test/support, src) are not chosen by a change.
  const inner = parts.slice(parts.indexOf('src') + 1, -1);
  const drawer = [...inner, stem].find((name) => drawerNames.test(name));
  if (drawer) problems.push(`${path} is a drawer: ${drawer} says nothing about what is in it`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) problems.push(`${path} is not in kebab-case`);
  if (path.startsWith('packages/infra/') && /\..+\.ts$/.test(path) && !path.endsWith('.d.ts')) {
    problems.push(`${path} has a dot before its ending, which breaks SST`);
  }
  return problems;
}

function constructs(source: SourceText): readonly string[] {
  const tree = treeOf(source);
  const problems: string[] = [];
  const ambient = source.path.endsWith('.d.ts');
  for (const node of nodesOf(tree)) {
    const problem = problemOf(node, ambient);
    if (problem) problems.push(`${source.path}:${lineOf(tree, node)} ${problem}`);
  }
  if (isBarrel(tree)) problems.push(`${source.path} is a barrel: it only passes names on`);
  return problems;
}

function problemOf(node: ts.Node, ambient: boolean): string | undefined {
  if (ts.isExportDeclaration(node) && !node.exportClause) return 'has export *';
  if (ts.isExportDeclaration(node) && ts.isNamespaceExport(node.exportClause!)) {
    return 'has export * as';
  }
  if (ts.isExportAssignment(node)) return 'has a default export';
  if (ts.isEnumDeclaration(node)) return `has the enum ${node.name.text}: use a union`;
  if (ts.isModuleDeclaration(node) && !ambient) return `has the namespace ${node.name.text}`;
  if (ts.isDecorator(node)) return 'has a decorator';
  if (ts.canHaveModifiers(node)) return modifierProblem(node);
  return undefined;
}

function modifierProblem(node: ts.HasModifiers): string | undefined {
  const modifiers = ts.getModifiers(node) ?? [];
  if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) {
    return 'has a default export';
  }
  if (ts.isParameter(node) && modifiers.length > 0) return 'has a parameter property';
  return undefined;
}

function isBarrel(tree: ts.SourceFile): boolean {
  const [first, ...more] = tree.statements;
  if (!first) return false;
  return [first, ...more].every(
    (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
  );
}
