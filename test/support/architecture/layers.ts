import { type Import, importsOf, isTest, type SourceText } from './source.ts';

/**
 * The map: what a layer may import besides itself. ARCHITECTURE.md draws it. A layer is the longest
 * path of these that a file's path begins with.
 */
export const layers: Readonly<Record<string, Layer>> = {
  'packages/core/src/domain/': {
    takes: [],
    nodeParts: { 'node:crypto': ['createHash'] },
    packages: [],
  },
  'packages/core/src/bytes/': {
    takes: [],
    nodeParts: { 'node:zlib': 'any', 'node:util': 'any' },
    packages: [],
  },
  'packages/core/src/wire/': {
    takes: ['packages/core/src/domain/refusal.ts'],
    nodeParts: { 'node:crypto': 'any', 'node:buffer': ['isUtf8'] },
    packages: ['@aws-sdk/client-cloudtrail'],
  },
  'packages/core/src/ports/': {
    takes: ['packages/core/src/domain/'],
    nodeParts: {},
    packages: [],
  },
  'packages/core/src/streams/': {
    takes: ['packages/core/src/ports/', 'packages/core/src/domain/'],
    nodeParts: {},
    packages: [],
  },
  'packages/core/src/workflows/': {
    takes: [
      'packages/core/src/streams/',
      'packages/core/src/ports/',
      'packages/core/src/domain/',
      'packages/core/src/bytes/',
    ],
    nodeParts: { 'node:crypto': ['createHash'], 'node:util': 'any', 'node:zlib': 'any' },
    packages: [],
  },
  'packages/core/src/operations/': {
    takes: [
      'packages/core/src/workflows/',
      'packages/core/src/streams/',
      'packages/core/src/ports/',
      'packages/core/src/domain/',
      'packages/core/src/wire/',
    ],
    nodeParts: { 'node:crypto': ['createHash'] },
    packages: [],
  },
  'packages/core/src/ingest.ts': {
    takes: ['packages/core/src/ports/', 'packages/core/src/domain/'],
    nodeParts: { 'node:crypto': ['randomUUID'] },
    packages: [],
  },
  'packages/core/src/service.ts': {
    takes: [
      'packages/core/src/ingest.ts',
      'packages/core/src/operations/',
      'packages/core/src/streams/',
      'packages/core/src/ports/',
      'packages/core/src/domain/',
      'packages/core/src/wire/',
    ],
    nodeParts: { 'node:crypto': ['randomUUID'] },
    packages: [],
  },
  'packages/core/src/adapters/embedded/': {
    takes: ['packages/core/src/ports/', 'packages/core/src/domain/', 'packages/core/src/bytes/'],
    nodeParts: 'any',
    packages: ['@photostructure/sqlite'],
  },
  'packages/core/src/adapters/aws/': {
    takes: ['packages/core/src/ports/', 'packages/core/src/domain/', 'packages/core/src/bytes/'],
    nodeParts: 'any',
    packages: ['@aws-sdk/client-s3', '@aws-sdk/client-sns', '@aws-sdk/client-cloudwatch-logs'],
  },
  'packages/server/src/': {
    takes: ['packages/core/src/', 'package.json'],
    nodeParts: 'any',
    packages: ['zod', 'commander', 'pino', 'prom-client'],
  },
  'packages/functions/src/': {
    takes: [
      'packages/core/src/service.ts',
      'packages/core/src/ingest.ts',
      'packages/core/src/workflows/',
      'packages/core/src/streams/',
      'packages/core/src/ports/',
      'packages/core/src/domain/',
      'packages/core/src/wire/',
      'packages/core/src/adapters/aws/',
    ],
    nodeParts: 'any',
    packages: [],
  },
  'packages/infra/': { takes: [], nodeParts: {}, packages: [] },
};

export interface Layer {
  /** Paths, or beginnings of paths, beside the layer's own. */
  readonly takes: readonly string[];
  /** Parts of Node, and which names of them. */
  readonly nodeParts: 'any' | Readonly<Record<string, 'any' | readonly string[]>>;
  readonly packages: readonly string[];
}

/** Imports that the map does not have, types included; one sentence each. */
export function checkLayers(sources: readonly SourceText[]): readonly string[] {
  return sources.flatMap((source) => {
    const layer = layerOf(source.path);
    if (layer === undefined) return [`${source.path} is in no layer of the map`];
    return importsOf(source).flatMap((one) => {
      const problem = problemOf(source.path, layer, one);
      return problem ? [`${source.path}:${one.line} ${problem}`] : [];
    });
  });
}

/** The layer's name in the map. */
export function layerOf(path: string): string | undefined {
  return Object.keys(layers).find((prefix) => path.startsWith(prefix));
}

function problemOf(from: string, name: string, one: Import): string | undefined {
  const layer = layers[name]!;
  const test = isTest(from);
  if (one.target !== undefined) return targetProblem(name, layer, one.target, one.specifier);
  if (one.specifier.startsWith('node:')) return test ? undefined : nodeProblem(name, layer, one);
  const packageName = one.specifier.split('/').slice(0, one.specifier.startsWith('@') ? 2 : 1);
  const wanted = packageName.join('/');
  if (layer.packages.includes(wanted)) return undefined;
  if (test && testPackages.some((shape) => shape.test(wanted))) return undefined;
  return `imports the package ${wanted}, which ${name} must not`;
}

/** Tests compare with AWS's own clients and signer. */
const testPackages = [
  /^vitest$/,
  /^fast-check$/,
  /^esbuild$/,
  /^typescript$/,
  /^@aws-sdk\//,
  /^@smithy\//,
];

function targetProblem(
  name: string,
  layer: Layer,
  target: string,
  specifier: string,
): string | undefined {
  if (!/\.(ts|mjs|json)$/.test(target)) {
    return `imports ${specifier} without the file's ending`;
  }
  const leaves = packageOf(name) !== packageOf(target);
  if (specifier.startsWith('.') && leaves && target.startsWith('packages/')) {
    return `reaches into another package by the relative path ${specifier}`;
  }
  if (target.startsWith(name) || layer.takes.some((taken) => target.startsWith(taken))) {
    return undefined;
  }
  return `imports ${target}, which ${name} must not`;
}

function packageOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function nodeProblem(name: string, layer: Layer, one: Import): string | undefined {
  if (layer.nodeParts === 'any') return undefined;
  const allowed = layer.nodeParts[one.specifier];
  if (allowed === 'any') return undefined;
  const excess = one.names.filter((taken) => !allowed?.includes(taken));
  if (allowed && excess.length === 0) return undefined;
  const taken = (excess.length > 0 ? excess : ['all']).join(', ');
  return `imports ${taken} of ${one.specifier}, which ${name} must not`;
}
