import { describe, expect, test } from 'vitest';
import { checkClocks, checkPurity } from './clocks.ts';
import { checkContracts } from './contracts.ts';
import { checkLayers } from './layers.ts';
import { checkNames } from './names.ts';
import { checkOperations, kebab } from './operations.ts';
import { unsettled } from './owed.ts';
import { checkSizes } from './sizes.ts';
import type { SourceText } from './source.ts';

const core = 'packages/core/src';
const file = (path: string, text: string): SourceText => ({ path, text });
const lines = (count: number, line = '// one') => Array(count).fill(line).join('\n');

/** Every rule is shown a violation: a rule that cannot fail says nothing. */
describe('the map of layers', () => {
  test.each([
    ['domain/trails/a.ts', "import { b } from '../../ports/journal.ts';"],
    ['domain/trails/a.ts', "import type { B } from '../../ports/journal.ts';"],
    ['domain/trails/a.ts', "type B = import('../../wire/shapes.ts').B;"],
    ['domain/trails/a.ts', "import { randomUUID } from 'node:crypto';"],
    ['domain/trails/a.ts', "import { createHash, createHmac } from 'node:crypto';"],
    ['domain/trails/a.ts', "import * as crypto from 'node:crypto';"],
    ['domain/trails/a.ts', "import { readFileSync } from 'node:fs';"],
    ['domain/trails/a.ts', "import { z } from 'zod';"],
    ['domain/trails/a.test.ts', "import { x } from '../../adapters/aws/s3.ts';"],
    ['wire/a.ts', "import { b } from '../domain/trails/trail.ts';"],
    ['wire/a.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['ports/a.ts', "import { streams } from '../streams/streams.ts';"],
    ['ports/a.ts', "import { createHash } from 'node:crypto';"],
    ['streams/a.ts', "import { b } from '../workflows/b.ts';"],
    ['workflows/a.ts', "import { b } from '../operations/registry.ts';"],
    ['workflows/a.ts', "import { b } from '../wire/shapes.ts';"],
    ['operations/trails/a.ts', "import { b } from '../../adapters/embedded/b.ts';"],
    ['operations/trails/a.ts', "import { b } from '../../service.ts';"],
    ['operations/trails/a.ts', "import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';"],
    ['ingest.ts', "import { b } from './operations/registry.ts';"],
    ['service.ts', "import { b } from './adapters/embedded/b.ts';"],
    ['adapters/aws/a.ts', "import { b } from '../embedded/b.ts';"],
    ['adapters/embedded/a.ts', "import { b } from '../aws/b.ts';"],
    ['adapters/embedded/a.ts', "export { b } from '../aws/b.ts';"],
    ['adapters/embedded/a.ts', "const b = await import('../aws/b.ts');"],
    ['adapters/embedded/a.ts', "const b = require('../../service.ts');"],
    ['adapters/embedded/a.ts', "import { SNSClient } from '@aws-sdk/client-sns';"],
    ['adapters/aws/a.ts', "import { b } from '../../streams/streams.ts';"],
    ['service.ts', "import { b } from './ports/journal';"],
    ['elsewhere/a.ts', ''],
  ])('%s: %s', (path, text) => {
    expect(checkLayers([file(`${core}/${path}`, text)])).toHaveLength(1);
  });

  test.each([
    ['packages/server/src/a.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['packages/server/src/a.ts', "import { b } from '../../core/src/service.ts';"],
    ['packages/server/src/a.ts', "import { b } from '@trailkeep/functions/api.ts';"],
    ['packages/functions/src/a.ts', "import { b } from '@trailkeep/server/main.ts';"],
    [
      'packages/functions/src/a.ts',
      "import { b } from '@trailkeep/core/adapters/embedded/sqlite-event-store.ts';",
    ],
    ['packages/infra/a.ts', "import { b } from '@trailkeep/core/service.ts';"],
  ])('%s: %s', (path, text) => {
    expect(checkLayers([file(path, text)])).toHaveLength(1);
  });

  test('lets through what it has', () => {
    const allowed = [
      file(`${core}/domain/a.ts`, "import { createHash } from 'node:crypto';"),
      file(`${core}/domain/a.test.ts`, "import { test } from 'vitest';"),
      file(`${core}/wire/a.ts`, "import { refuse } from '../domain/refusal.ts';"),
      file('packages/server/src/a.ts', "import { b } from '@trailkeep/core/service.ts';"),
    ];
    expect(checkLayers(allowed)).toEqual([]);
  });
});

describe('one operation, one file', () => {
  const registry = (entries: string) =>
    file(
      `${core}/operations/registry.ts`,
      `import { createTrail } from './trails/create-trail.ts';
       import { stop } from './trails/stop.ts';
       export const registry: Registry = { ${entries} };`,
    );
  const tested = [file('test/operations/trails/create-trail.test.ts', '')];

  test('a file of another name, and a test that is missing', () => {
    const problems = checkOperations([registry('StopLogging: stop')], tested, []);
    expect(problems).toEqual([
      `StopLogging is in ${core}/operations/trails/stop.ts`,
      'StopLogging has no test/operations/trails/stop-logging.test.ts',
    ]);
  });

  test('a test that is owed and there', () => {
    const sources = [registry('CreateTrail: createTrail')];
    expect(checkOperations(sources, tested, [])).toEqual([]);
    expect(checkOperations(sources, tested, ['CreateTrail'])).toHaveLength(1);
  });

  test('an entry that is neither a name nor notBuilt of its own name', () => {
    const entries = "CreateTrail: createTrail, GetTrail: notBuilt('DeleteTrail')";
    expect(checkOperations([registry(entries)], tested, [])).toHaveLength(1);
    expect(checkOperations([registry('CreateTrail: make()')], tested, [])).toHaveLength(1);
  });

  test('an operation that the registry does not name, and no registry', () => {
    const stray = file(
      `${core}/operations/trails/get-trail.ts`,
      "export const getTrail: Operation<'GetTrail'> = async () => ({});",
    );
    const sources = [registry('CreateTrail: createTrail'), stray];
    expect(checkOperations(sources, tested, [])).toHaveLength(1);
    expect(checkOperations([stray], tested, [])).toHaveLength(1);
  });

  test('names in kebab-case', () => {
    expect(kebab('StartEventDataStoreIngestion')).toBe('start-event-data-store-ingestion');
  });
});

describe('contracts of ports', () => {
  const port = file(`${core}/ports/journal.ts`, 'export interface Journal {}');
  const contract = file(
    `${core}/ports/journal.contract.ts`,
    'export function journalContract() {}',
  );
  const adapter = file(
    `${core}/adapters/embedded/a-journal.ts`,
    `import type { Journal } from '../../ports/journal.ts';
     export interface Mine extends Journal {}
     export function aJournal(): Promise<Mine> {}`,
  );
  const run = file(
    `${core}/adapters/embedded/a-journal.test.ts`,
    `import { journalContract } from '../../ports/journal.contract.ts';
     import { aJournal } from './a-journal.ts';`,
  );

  test('an adapter whose test runs it is fine', () => {
    expect(checkContracts([port, contract, adapter, run])).toEqual([]);
  });

  test('a port without a contract, an adapter without a run, and a run of fixtures alone', () => {
    expect(checkContracts([port])).toHaveLength(1);
    expect(checkContracts([port, contract, adapter])).toHaveLength(1);
    const fixtures = { ...run, text: run.text.replace('journalContract', 'batchOf') };
    expect(checkContracts([port, contract, adapter, fixtures])).toHaveLength(1);
  });
});

describe('names and constructs', () => {
  test.each([
    ['domain/utils.ts', ''],
    ['domain/helpers/a.ts', ''],
    ['domain/common.test.ts', ''],
    ['shared/a.ts', ''],
    ['domain/index.ts', ''],
    ['domain/camelCase.ts', ''],
    ['domain/a.ts', "export * from './b.ts'; const c = 1;"],
    ['domain/a.ts', "export * as b from './b.ts'; const c = 1;"],
    ['domain/a.ts', "export { b } from './b.ts';\nexport { c } from './c.ts';"],
    ['domain/a.ts', 'export enum A { B }'],
    ['domain/a.ts', 'export namespace A { export const b = 1; }'],
    ['domain/a.ts', 'export default 1;'],
    ['domain/a.ts', 'export default function a() {}'],
    ['domain/a.ts', '@sealed class A {}'],
    ['domain/a.ts', 'class A { constructor(private b: number) {} }'],
  ])('%s: %s', (path, text) => {
    expect(checkNames([file(`${core}/${path}`, text)])).toHaveLength(1);
  });

  test('a dot in the name of an infra file', () => {
    expect(checkNames([file('packages/infra/api.stack.ts', 'const a = 1;')])).toHaveLength(1);
  });
});

describe('sizes', () => {
  const path = `${core}/domain/a.ts`;

  test('a file, a function and a line at their limits, and one beyond', () => {
    const body = (count: number) => `function a() {\n${lines(count, '  b();')}\n}`;
    expect(checkSizes([file(path, lines(300))])).toEqual([]);
    expect(checkSizes([file(path, lines(301))])).toHaveLength(1);
    expect(checkSizes([file(path, body(68))])).toEqual([]);
    expect(checkSizes([file(path, body(69))])).toHaveLength(1);
    expect(checkSizes([file(path, `// ${'a'.repeat(97)}`)])).toEqual([]);
    expect(checkSizes([file(path, `// ${'a'.repeat(98)}`)])).toHaveLength(1);
  });

  test('a long arrow function and a long method count too', () => {
    const body = `{\n${lines(70, '  b();')}\n}`;
    expect(checkSizes([file(path, `const a = () => ${body};`)])).toHaveLength(1);
    expect(checkSizes([file(path, `const a = { b() ${body} };`)])).toHaveLength(1);
  });

  test('a string that cannot be broken may be long, code may not', () => {
    expect(checkSizes([file(path, `const a = '${'x'.repeat(120)}';`)])).toEqual([]);
    expect(checkSizes([file(path, `const a = /${'x'.repeat(120)}/;`)])).toEqual([]);
    expect(checkSizes([file(path, `const a = ${'b + '.repeat(30)}c;`)])).toHaveLength(1);
  });

  test('a list of tests may be long, a function of a test may not', () => {
    const page = `describe('a', () => {\n${lines(90, "  test('b', () => {});")}\n});`;
    expect(checkSizes([file(`${core}/domain/a.test.ts`, page)])).toEqual([]);
    const long = `function a() {\n${lines(90, '  b();')}\n}`;
    expect(checkSizes([file(`${core}/domain/a.test.ts`, long)])).toHaveLength(1);
  });
});

describe('time, chance and ids', () => {
  test.each([
    'const a = Date.now();',
    'const a = Date.now;',
    'const a = new Date();',
    'const a = Date();',
    'const a = Math.random();',
    'const a = crypto.randomUUID();',
    "import { randomUUID } from 'node:crypto';",
    "import { randomUUID as id } from 'node:crypto';",
  ])('%s', (text) => {
    expect(checkClocks([file(`${core}/workflows/a.ts`, text)])).toHaveLength(1);
    expect(checkClocks([file(`${core}/domain/a.ts`, text)])).toHaveLength(1);
  });

  test('a place may read what it is allowed to, and no more', () => {
    const id = "import { randomUUID } from 'node:crypto';";
    expect(checkClocks([file(`${core}/service.ts`, id)])).toEqual([]);
    expect(checkClocks([file(`${core}/service.ts`, 'const a = Date.now();')])).toHaveLength(1);
    expect(checkClocks([file(`${core}/domain/a.ts`, 'const a = new Date(0);')])).toEqual([]);
  });

  test.each([
    'async function a() {}',
    'const a = async () => 1;',
    'const a = await b;',
    'setTimeout(a, 1);',
    'const a = process.hrtime();',
  ])('a decision does not wait or ask the host: %s', (text) => {
    expect(checkPurity([file(`${core}/domain/a.ts`, text)])).toHaveLength(1);
  });
});

describe('debts', () => {
  test('cover the problems of their file, and must go when there are none', () => {
    expect(unsettled(['a.ts:3 is long'], [])).toEqual(['a.ts:3 is long']);
    expect(unsettled(['a.ts:3 is long', 'b.ts is long'], ['a.ts'])).toEqual(['b.ts is long']);
    expect(unsettled([], ['a.ts'])).toEqual(['a.ts owes nothing any more']);
  });
});
