import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkClocks, checkPurity } from './support/architecture/clocks.ts';
import { adaptersOf, checkContracts } from './support/architecture/contracts.ts';
import { checkLayers, layerOf } from './support/architecture/layers.ts';
import { checkNames } from './support/architecture/names.ts';
import { builtOperations, checkOperations } from './support/architecture/operations.ts';
import { unsettled } from './support/architecture/owed.ts';
import { checkSizes } from './support/architecture/sizes.ts';
import { readSources } from './support/architecture/source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = readSources(root, ['packages']);
const tests = readSources(root, ['test']);

/** Operations whose test is still being written. */
const untested: readonly string[] = [];

/** Files with something that is yet to be put right. The lists only shrink. */
const owing = {
  layers: [] as readonly string[],
  sizes: [
    'test/clients/terraform.test.ts',
    'test/clients/validate-logs-chains.test.ts',
    'test/faults/acknowledged-state.ts',
  ],
};

describe('the architecture', () => {
  test('was seen: the rules below looked at the files there are', () => {
    const seen = new Map<string, number>();
    for (const { path } of sources) seen.set(layerOf(path)!, (seen.get(layerOf(path)!) ?? 0) + 1);
    for (const [layer, filesMin] of Object.entries(filesExpectedMin)) {
      expect(seen.get(layer) ?? 0, layer).toBeGreaterThanOrEqual(filesMin);
    }
    expect(builtOperations(sources).length).toBeGreaterThanOrEqual(16);
    expect(adaptersOf(sources).length).toBeGreaterThanOrEqual(9);
  });

  test('keeps the map: nothing imports what its layer must not', () => {
    expect(unsettled(checkLayers(sources), owing.layers)).toEqual([]);
  });

  test('keeps one operation to one file and one test', () => {
    expect(checkOperations(sources, tests, untested)).toEqual([]);
  });

  test('runs the contract of a port on every adapter', () => {
    expect(checkContracts([...sources, ...tests])).toEqual([]);
  });

  test('has no drawers, no barrels and nothing that cannot be stripped', () => {
    expect(checkNames(sources)).toEqual([]);
  });

  test('stays small', () => {
    expect(unsettled(checkSizes([...sources, ...tests]), owing.sizes)).toEqual([]);
  });

  test('reads time, chance and ids only where they are allowed', () => {
    expect(checkClocks(sources)).toEqual([]);
  });

  test('decides without awaiting, waiting or asking the host', () => {
    expect(checkPurity(sources)).toEqual([]);
  });
});

/** Well below what there is today, and far above what a wrong path would find. */
const filesExpectedMin: Readonly<Record<string, number>> = {
  'packages/core/src/domain/': 40,
  'packages/core/src/wire/': 15,
  'packages/core/src/ports/': 10,
  'packages/core/src/streams/': 1,
  'packages/core/src/workflows/': 6,
  'packages/core/src/operations/': 20,
  'packages/core/src/service.ts': 1,
  'packages/core/src/ingest.ts': 1,
  'packages/core/src/adapters/embedded/': 30,
  'packages/core/src/adapters/aws/': 3,
  'packages/server/src/': 20,
};
