import ts from 'typescript';
import { importsOf, isTest, type SourceText, treeOf } from './source.ts';

const ports = 'packages/core/src/ports/';
const adapters = 'packages/core/src/adapters/';

export interface Adapter {
  readonly path: string;
  /** The function that makes it. */
  readonly maker: string;
  /** The port's file name without its ending, such as `event-store`. */
  readonly port: string;
}

/** Every port has a contract, and every adapter a test that runs it; one sentence for each lack. */
export function checkContracts(sources: readonly SourceText[]): readonly string[] {
  const found = adaptersOf(sources);
  const unclaimed = portsOf(sources)
    .filter((port) => !sources.some(({ path }) => path === `${ports}${port}.contract.ts`))
    .map((port) => `${ports}${port}.ts has no contract`);
  return [...unclaimed, ...found.flatMap((adapter) => contractProblem(sources, adapter))];
}

/** What makes a port: exported functions whose result has a port's interface in its type. */
export function adaptersOf(sources: readonly SourceText[]): readonly Adapter[] {
  const known = portsOf(sources);
  return sources
    .filter(({ path }) => path.startsWith(adapters) && !isTest(path))
    .flatMap((source) =>
      known
        .filter((port) => importsOf(source).some(({ target }) => target === `${ports}${port}.ts`))
        .flatMap((port) =>
          makersOf(source, pascal(port)).map((maker) => ({ path: source.path, maker, port })),
        ),
    );
}

/** The clock is the host's: it has one implementation, in the server. */
const withoutContract = new Set(['clock']);

function portsOf(sources: readonly SourceText[]): readonly string[] {
  return sources
    .map(({ path }) => path)
    .filter((path) => path.startsWith(ports) && !isTest(path))
    .map((path) => path.slice(ports.length, -'.ts'.length))
    .filter((port) => !withoutContract.has(port));
}

function makersOf(source: SourceText, interfaceName: string): readonly string[] {
  const { statements } = treeOf(source);
  const extended = statements
    .filter(ts.isInterfaceDeclaration)
    .filter((one) =>
      one.heritageClauses?.some((clause) =>
        clause.types.some((type) => wordsOf(type.getText()).includes(interfaceName)),
      ),
    )
    .map((one) => one.name.text);
  return statements
    .filter(ts.isFunctionDeclaration)
    .filter((one) => one.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .filter((one) =>
      wordsOf(one.type?.getText() ?? '').some(
        (word) => word === interfaceName || extended.includes(word),
      ),
    )
    .map((one) => one.name?.text ?? '');
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\w+/g) ?? [];
}

function pascal(port: string): string {
  return port.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}

function contractProblem(sources: readonly SourceText[], adapter: Adapter): readonly string[] {
  const contract = `${ports}${adapter.port}.contract.ts`;
  const runs = sources.some(
    (source) =>
      source.path.endsWith('.test.ts') &&
      importsOf(source).some((one) => one.target === contract && takesContract(one.names)) &&
      reaches(sources, source.path, adapter.path),
  );
  return runs ? [] : [`${adapter.path}: no test runs ${contract} on ${adapter.maker}`];
}

/** Contracts export their fixtures too; taking those alone runs nothing. */
function takesContract(names: readonly string[]): boolean {
  return names.some((name) => name.endsWith('Contract'));
}

function reaches(sources: readonly SourceText[], from: string, to: string): boolean {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<string>();
  const waiting = [from];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path === to) return true;
    const source = byPath.get(path);
    if (!source || seen.has(path)) continue;
    seen.add(path);
    for (const { target } of importsOf(source)) if (target) waiting.push(target);
  }
  return false;
}
