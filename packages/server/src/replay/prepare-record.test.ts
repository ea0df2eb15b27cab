import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTimeOf, prepareRecord, type RecordChanges } from './prepare-record.ts';
import { parsed, type RecordItem } from './read-record-file.ts';

describe('a record on its way', () => {
  test('stays as it is, to the byte, when nothing is to be changed', () => {
    const text = '{ "eventID" : "e-1", "n": 12345678901234567890, "s":"\\u00fc" }';
    expect(sent(text)).toBe(text);
  });

  test('gets an eventID when it has none, always the same one', () => {
    const first = sent('{"eventName":"A"}');
    expect(first).toMatch(
      /^\{"eventID":"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","eventName":"A"\}$/,
    );
    expect(sent('{"eventName":"A"}')).toBe(first);
    expect(sent('{"eventName":"A"}', {}, 1)).not.toBe(first);
    expect(sent('{"eventName":"A"}', { shiftMilliseconds: 1000 })).not.toBe(first);
    expect(JSON.parse(sent('{}')).eventID).toHaveLength(36);
    expect(JSON.parse(sent('{"eventID":null}')).eventID).toHaveLength(36);
  });

  test('keeps its eventID unless it is to get another', () => {
    const text = '{"eventID":"e-1"}';
    expect(sent(text, { newIds: true })).not.toContain('e-1');
    expect(sent(text, { newIds: true })).toBe(sent(text, { newIds: true }));
  });

  test('is moved in time, and nothing else in it is', () => {
    const text =
      '{"eventID":"e","u":{"eventTime":"2020-01-01T00:00:00Z"},"eventTime": "2020-01-01T00:00:00Z" ,"z":1}';
    expect(sent(text, { shiftMilliseconds: 86_400_000 })).toBe(
      '{"eventID":"e","u":{"eventTime":"2020-01-01T00:00:00Z"},"eventTime": "2020-01-02T00:00:00Z" ,"z":1}',
    );
    const timeless = '{"eventID":"e","eventTime":"soon"}';
    expect(sent(timeless, { shiftMilliseconds: 1000 })).toBe(timeless);
  });

  test('gets another recipient', () => {
    const account = '999999999999';
    const text = '{"eventID":"e","recipientAccountId":"123456789012"}';
    expect(JSON.parse(sent(text, { account }))).toMatchObject({ recipientAccountId: account });
    expect(JSON.parse(sent('{"eventID":"e"}', { account }))).toEqual({
      eventID: 'e',
      recipientAccountId: account,
    });
  });

  test('is taken out of what lookup-events, CloudWatch Logs and EventBridge wrap around it', () => {
    const record = '{"eventID":"e","eventName":"A"}';
    expect(sent(JSON.stringify({ EventId: 'e', CloudTrailEvent: record }))).toBe(record);
    expect(sent(JSON.stringify({ timestamp: 1, message: record }))).toBe(record);
    const eventBridge = `{"detail-type":"AWS API Call via CloudTrail","detail": ${record} ,"id":"x"}`;
    expect(sent(eventBridge)).toBe(record);
    expect(prepareRecord(item('{"message":"hello"}'), unchanged)).toMatchObject({
      code: 'InvalidJson',
    });
  });

  test('keeps every other member through a change', () => {
    const values = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(values, fc.string(), (value, eventID) => {
        const record = { ...value, eventID, eventTime: '2020-01-01T00:00:00Z', eventName: 'A' };
        const spaced = JSON.stringify(record, null, 1);
        const changes = { account: '999999999999', shiftMilliseconds: 5000, newIds: true };
        const { eventID: newId, ...rest } = JSON.parse(sent(spaced, changes)) as typeof record;
        const { eventID: _, ...expected } = JSON.parse(spaced) as typeof record;
        expect(rest).toEqual({
          ...expected,
          eventTime: '2020-01-01T00:00:05Z',
          recipientAccountId: '999999999999',
        });
        expect(newId).not.toBe(eventID);
      }),
      { numRuns: 200 },
    );
  });

  test('tells its eventTime', () => {
    expect(eventTimeOf(item('{"eventTime":"2020-01-01T00:00:00Z"}'))).toBe(Date.UTC(2020, 0, 1));
    expect(eventTimeOf(item('{"eventTime":1}'))).toBeUndefined();
    expect(eventTimeOf(item('{'))).toBeUndefined();
  });
});

const unchanged: RecordChanges = { shiftMilliseconds: 0, newIds: false };

function item(text: string, index = 0): RecordItem {
  return { index, ...parsed(text) };
}

function sent(text: string, changes: Partial<RecordChanges> = {}, index = 0): string {
  const record = prepareRecord(item(text, index), { ...unchanged, ...changes });
  return 'text' in record ? record.text : record.code;
}
