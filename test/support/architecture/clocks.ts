import ts from 'typescript';
import { isTest, lineOf, nodesOf, type SourceText, treeOf } from './source.ts';

/** What is not the same the next time: the host's time, chance, and new ids. */
type Source = 'time' | 'chance' | 'id';

/**
 * Where they may be read, and why. Whatever belongs to the service's time comes from the Clock
 * port, so that dev mode can set it.
 */
export const allowed: readonly {
  readonly path: string;
  readonly reads: readonly Source[];
  readonly why: string;
}[] = [
  { path: 'packages/core/src/service.ts', reads: ['id'], why: 'ids of requests and events' },
  { path: 'packages/core/src/ingest.ts', reads: ['id'], why: 'ids of records that have none' },
  { path: 'packages/core/src/streams/streams.ts', reads: ['chance'], why: 'pauses of rivals' },
  { path: 'packages/server/src/clock.ts', reads: ['time'], why: 'it is the Clock' },
  { path: 'packages/server/src/endpoints.ts', reads: ['id'], why: 'ids handed to webhooks' },
  { path: 'packages/server/src/http/', reads: ['id'], why: 'ids of requests' },
  { path: 'packages/server/src/sts/', reads: ['id'], why: 'ids of requests' },
  { path: 'packages/server/src/organizations/', reads: ['id'], why: 'ids of requests' },
  { path: 'packages/server/src/s3/', reads: ['id', 'time'], why: 'clients sign in host time' },
  { path: 'packages/server/src/replay/', reads: ['time', 'chance'], why: 'a client of its own' },
];

/** Reads of time, chance and ids outside of their places; one sentence each. */
export function checkClocks(sources: readonly SourceText[]): readonly string[] {
  return sources
    .filter((source) => !isTest(source.path))
    .flatMap((source) => {
      const tree = treeOf(source);
      const place = allowed.find(({ path }) => source.path.startsWith(path));
      return [...nodesOf(tree)].flatMap((node) => {
        const read = readAt(node);
        if (!read || place?.reads.includes(read)) return [];
        return [`${source.path}:${lineOf(tree, node)} reads ${words[read]} (${node.getText()})`];
      });
    });
}

const words: Readonly<Record<Source, string>> = {
  time: "the host's time",
  chance: 'chance',
  id: 'a new id',
};

function readAt(node: ts.Node): Source | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return (node.arguments ?? []).length === 0 ? 'time' : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'time';
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    if (/^(globalThis\.)?Date\.now$/.test(text)) return 'time';
    if (/^(globalThis\.)?Math\.random$/.test(text)) return 'chance';
    if (/^(crypto|globalThis\.crypto)\.(randomUUID|getRandomValues)$/.test(text)) return 'id';
  }
  const name = ts.isImportSpecifier(node) ? (node.propertyName ?? node.name).text : undefined;
  return name === 'randomUUID' ? 'id' : undefined;
}

const hostParts = /\b(process\.(hrtime|uptime|env|argv)|performance\.now|setTimeout|setInterval)\b/;

/** A decision depends on nothing but what it is given; one sentence each. */
export function checkPurity(sources: readonly SourceText[]): readonly string[] {
  return sources
    .filter(({ path }) => path.startsWith('packages/core/src/domain/') && !isTest(path))
    .flatMap((source) => {
      const tree = treeOf(source);
      return [...nodesOf(tree)].flatMap((node) => {
        const problem = impurityOf(node);
        return problem ? [`${source.path}:${lineOf(tree, node)} ${problem}`] : [];
      });
    });
}

function impurityOf(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node)) return 'awaits';
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) {
    const part = hostParts.exec(node.getText().split('(')[0]!)?.[0];
    const isWhole = part !== undefined && node.getText().startsWith(part);
    if (isWhole && ts.isCallExpression(node)) return `uses ${part}`;
  }
  if (ts.canHaveModifiers(node)) {
    const modifiers = ts.getModifiers(node) ?? [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)) return 'is async';
  }
  return undefined;
}
