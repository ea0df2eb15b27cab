import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addToBloom, candidates, newBloom } from './id-bloom.ts';
import { fingerprints } from './id-fingerprint.ts';
import { openIdIndex } from './id-index.ts';
import { idTable } from './id-table.ts';
import { segmentIds } from './segment-ids.ts';

const key = Buffer.from('8 bytes.');

function marksOf(ids: readonly string[]): Uint32Array {
  const into = { high: 0, low: 0 };
  const source = fingerprints(key);
  return Uint32Array.from(
    ids.flatMap((id, digest) => {
      source.of('111122223333', id, into);
      return [into.high, into.low, digest];
    }),
  );
}

describe('a fingerprint', () => {
  const of = (account: string, id: string, by = key) => {
    const into = { high: 0, low: 0 };
    fingerprints(by).of(account, id, into);
    return `${into.high}-${into.low}`;
  };
  test('is the same for the same account, id and key, and for nothing else', () => {
    const one = of('111122223333', 'abcde');
    expect(of('111122223333', 'abcde')).toBe(one);
    const others = [
      of('111122223333', 'abcdf'),
      of('111122223333', 'abcd'),
      of('111122223333', ''),
      of('11112222333', '3abcde'),
      of('111122223333', 'abcde', Buffer.from('another.')),
    ];
    expect(new Set([one, ...others]).size).toBe(6);
  });
});

describe('a table of ids', () => {
  test('does what a map does, also with ids that crowd in one place', () => {
    const word = fc.oneof(fc.constantFrom(0, 1, 0x80000000, 0xffffffff), fc.nat(0xffffffff));
    const step = fc.tuple(fc.boolean(), word, fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = idTable();
        const model = new Map<string, number>();
        steps.forEach(([insert, high, low], digest) => {
          const name = `${high}-${low}`;
          expect(table.find(high, low)).toBe(model.get(name) ?? -1);
          if (insert && !model.has(name)) {
            table.insert(high, low, digest);
            model.set(name, digest);
          } else if (!insert) {
            table.delete(high, low);
            model.delete(name);
          }
        });
        const seen: [number, number][] = [];
        table.forEach((high, low) => void seen.push([high, low]));
        expect(seen).toEqual([...seen].sort(([a, b], [c, d]) => a - c || b - d));
        expect(seen.length).toBe(model.size);
        expect(table.size).toBe(model.size);
      }),
    );
  });

  test('grows', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    const marks = marksOf(ids);
    const table = idTable();
    for (let i = 0; i < marks.length; i += 3) table.insert(marks[i]!, marks[i + 1]!, marks[i + 2]!);
    expect(ids.every((_, i) => table.find(marks[i * 3]!, marks[i * 3 + 1]!) === i)).toBe(true);
  });
});

describe('a filter of ids', () => {
  test('holds all that was put in, and few others', () => {
    const marks = marksOf(Array.from({ length: 20_000 }, (_, i) => `${i}`));
    const bloom = newBloom(10_000);
    for (let i = 0; i < 30_000; i += 3) addToBloom(bloom, marks[i]!, marks[i + 1]!);
    const into = new Int32Array(20_001);
    const held = into.slice(0, candidates(bloom, marks, 20_000, into)).length;
    const found = [...into.subarray(0, held)];
    expect(found.slice(0, 10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(held - 10_000).toBeLessThan(150);
  });
});

test('the index finds the ids of many segments, in memory and in files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ids-'));
  const troubles: Error[] = [];
  const index = openIdIndex(folder, 0);
  const segments = segmentIds(index, (error) => troubles.push(error));
  segments.beginSegment(0);
  const marks = marksOf(Array.from({ length: 75_000 }, (_, i) => `${i}`));
  for (let i = 0; i < 75_000; i++) {
    const [high, low] = [marks[i * 3]!, marks[i * 3 + 1]!];
    index.insert(high, low, i);
    segments.note(Uint32Array.of(0, low, high, i), i);
    if (i % 1_000 === 999) segments.endSegment(i);
  }
  await segments.settled();
  expect(troubles).toEqual([]);
  for (const known of [index, openIdIndex(folder, 0)]) {
    const older = known.findOlder(marks, 75_000);
    const wrong = Array.from({ length: 75_000 }, (_, i) => i).filter((i) => {
      const inMemory = known.find(marks[i * 3]!, marks[i * 3 + 1]!);
      return Math.max(older[i]!, inMemory) !== i;
    });
    expect(wrong).toEqual([]);
    known.close();
  }
  rmSync(folder, { recursive: true });
});
