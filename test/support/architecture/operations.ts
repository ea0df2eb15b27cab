import ts from 'typescript';
import { importsOf, nodesOf, type SourceText, treeOf } from './source.ts';

const root = 'packages/core/src/operations/';
const registryPath = `${root}registry.ts`;

export interface BuiltOperation {
  /** As the API has it, such as `CreateTrail`. */
  readonly name: string;
  /** The folder under operations/ that its file is in. */
  readonly group: string;
  readonly path: string;
}

/**
 * The operations that the registry names a function for, found by reading it: whatever is not a
 * call of `notBuilt`.
 */
export function builtOperations(sources: readonly SourceText[]): readonly BuiltOperation[] {
  const registry = sources.find(({ path }) => path === registryPath);
  if (!registry) return [];
  const paths = new Map<string, string>();
  for (const one of importsOf(registry)) {
    for (const name of one.names) paths.set(name, one.target ?? one.specifier);
  }
  return entriesOf(registry).flatMap(([name, value]) => {
    if (!ts.isIdentifier(value)) return [];
    const path = paths.get(value.text) ?? registryPath;
    return [{ name, path, group: path.slice(root.length).split('/')[0]! }];
  });
}

/** One operation, one file of its name, one test; `untested` are operations whose test is owed. */
export function checkOperations(
  sources: readonly SourceText[],
  tests: readonly SourceText[],
  untested: readonly string[],
): readonly string[] {
  const built = builtOperations(sources);
  if (built.length === 0) return [`${registryPath} names no operation`];
  const testPaths = new Set(tests.map(({ path }) => path));
  const problems = built.flatMap((operation) => {
    const file = kebab(operation.name);
    const wanted = `${root}${operation.group}/${file}.ts`;
    const test = `test/operations/${operation.group}/${file}.test.ts`;
    const owed = untested.includes(operation.name);
    return [
      ...(operation.path === wanted ? [] : [`${operation.name} is in ${operation.path}`]),
      ...(testPaths.has(test) || owed ? [] : [`${operation.name} has no ${test}`]),
      ...(testPaths.has(test) && owed ? [`${operation.name} has its test: owe it no more`] : []),
    ];
  });
  return [...problems, ...strays(sources, built), ...callsBesideNotBuilt(sources)];
}

export function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** Operations that are written but that the registry does not name. */
function strays(
  sources: readonly SourceText[],
  built: readonly BuiltOperation[],
): readonly string[] {
  const known = new Set(built.map(({ path }) => path));
  return sources
    .filter(({ path }) => path.startsWith(root) && path.slice(root.length).includes('/'))
    .filter((source) => !known.has(source.path) && declaresOperation(source))
    .map(({ path }) => `${path} has an operation that the registry does not name`);
}

function declaresOperation(source: SourceText): boolean {
  return treeOf(source).statements.some(
    (statement) =>
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some((declaration) =>
        /^Operation<'/.test(declaration.type?.getText() ?? ''),
      ),
  );
}

/** A registry that computes its entries cannot be read: each is a name, or `notBuilt('Name')`. */
function callsBesideNotBuilt(sources: readonly SourceText[]): readonly string[] {
  const registry = sources.find(({ path }) => path === registryPath);
  return entriesOf(registry!).flatMap(([name, value]) => {
    if (ts.isIdentifier(value) || value.getText() === `notBuilt('${name}')`) return [];
    return [`${registryPath} has ${value.getText()} for ${name}`];
  });
}

function entriesOf(registry: SourceText): readonly (readonly [string, ts.Expression])[] {
  for (const node of nodesOf(treeOf(registry))) {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== 'registry') continue;
    const value = node.initializer;
    if (!value || !ts.isObjectLiteralExpression(value)) return [];
    return value.properties.flatMap((property) =>
      ts.isPropertyAssignment(property)
        ? [[property.name.getText(), property.initializer] as const]
        : [],
    );
  }
  return [];
}
