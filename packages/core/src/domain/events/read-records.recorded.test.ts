import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete, context, read, texts } from './read.fixture.ts';
import { readRecords } from './read-records.ts';
import { readStoredRecords } from './read-stored.ts';
import { recordedRecords } from './recorded.fixture.ts';

describe('whatever comes', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readRecords(Buffer.from(bytes), context);
      }),
    );
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(), (json, from, to) => {
        readRecords(Buffer.from(json.slice(from % 40, json.length - (to % 3))), context);
      }),
    );
  });
  it('changes nothing the second time', () => {
    const change = fc.dictionary(fc.constantFrom(...Object.keys(complete)), fc.jsonValue());
    fc.assert(
      fc.property(change, (members) => {
        const once = read(JSON.stringify([{ ...complete, ...members }]));
        const twice = read(`[${once.batch.bytes.toString()}]`);
        expect(twice.batch).toEqual(once.batch);
        expect(twice.rejected).toEqual([]);
      }),
    );
  });
});

const recorded = recordedRecords();

describe.runIf(recorded.length > 0)('recorded records', () => {
  const withTime = { ...context, now: Date.parse('2026-11-21T00:00:00Z') };
  // An empty body would be refused, and this is read even where the tests below do not run.
  const result = read(recorded.join('\n') || '[]', withTime);
  it('are all taken, and so is what becomes of them', () => {
    expect(result.rejected).toEqual([]);
    expect(result.batch.records.length).toBe(recorded.length);
    const again = read(`{"Records":[${result.batch.bytes}]}`, withTime);
    expect(again.batch.bytes.equals(result.batch.bytes)).toBe(true);
    expect(again.batch.records).toEqual(result.batch.records);
  });
  it('are found again in the bytes that were stored', () => {
    const { bytes, records } = result.batch;
    const ends = records.map(({ end }) => end);
    expect(readStoredRecords(bytes, ends)).toEqual(records);
  });
  it('are completed where a member is missing', () => {
    const late = /,"addendum":\{"reason":"DELIVERY_DELAY"\}\}$/;
    const changed = texts(result)
      .map((stored, i) => ({ stored: stored.replace(late, '}'), given: recorded[i]! }))
      .filter(({ stored, given }) => stored !== given)
      .map(({ stored, given }) => {
        const before = Object.keys(JSON.parse(given));
        return Object.keys(JSON.parse(stored)).filter((key) => !before.includes(key));
      });
    expect(changed).toEqual([
      [], // an errorMessage of more than 1 KB, cut
      ['eventID'],
      ['eventVersion', 'recipientAccountId', 'eventID'],
      ['eventCategory', 'managementEvent'],
    ]);
  });
});
