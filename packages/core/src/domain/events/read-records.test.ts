import { describe, expect, it } from 'vitest';
import { complete, context, read, texts } from './read.fixture.ts';
import { type ReadRecords, readRecords } from './read-records.ts';

/** What the complete record becomes with a change; undefined leaves a member out. */
function one(change: object): Record<string, unknown> {
  const result = read(JSON.stringify({ ...complete, ...change }));
  expect(result.rejected).toEqual([]);
  return JSON.parse(texts(result)[0]!);
}

function rejectionOf(change: object): string | undefined {
  return read(JSON.stringify({ ...complete, ...change })).rejected[0]?.code;
}

const text = JSON.stringify(complete);

describe('the forms of a body', () => {
  const forms: [string, string][] = [
    ['a log file', `{"Records":[${text},${text}]}`],
    [
      'a log file with other members and white space',
      `{ "a": [1], "Records" : [ ${text} ,\n${text} ] }\n`,
    ],
    ['an array', `[${text},${text}]`],
    ['NDJSON with blank lines', `\n${text}\r\n\n${text}\n`],
    ['NDJSON after a byte order mark', `\ufeff${text}\n${text}`],
  ];
  it.each(forms)('takes %s', (_, body) => {
    expect(texts(read(body))).toEqual([text, text]);
  });
  it('takes one record, on one line or many', () => {
    expect(texts(read(text))).toEqual([text]);
    expect(texts(read(JSON.stringify(complete, null, 2)))).toEqual([text]);
  });
  it('takes an empty list of records', () => {
    expect(read('{"Records":[]}')).toMatchObject({ total: 0, rejected: [] });
    expect(read('[]').batch.records).toEqual([]);
  });
  it('hands on the bytes of the body without a copy when nothing changes', () => {
    const body = Buffer.from(`{"Records":[${text},${text}]}`);
    const result = readRecords(body, context) as ReadRecords;
    expect(result.batch.bytes.buffer).toBe(body.buffer);
    expect(result.batch.bytes.toString()).toBe(`${text},${text}`);
  });

  const refused: [string, string, RegExp][] = [
    ['an empty body', ' \n', /empty/],
    ['text', 'hello', /byte 0/],
    ['a cut array', `[${text},`, /ends at byte/],
    ['a cut record', '[{"a":[1}', /byte 1/],
    ['a missing comma', `[${text}${text}]`, /Expected , or \]/],
    ['a second comma', `[${text},,${text}]`, /Expected a record at byte/],
    ['data after the array', `[${text}] 1`, /Unexpected data after the array/],
    ['data after the object', `${text} ]`, /Unexpected data after the JSON object/],
    ['Records that are no array', '{"Records":{}}', /not an array/],
    ['Records twice', '{"Records":[],"Records":[]}', /twice/],
    ['a cut log file', `{"Records":[${text}`, /does not end/],
  ];
  it.each(refused)('refuses %s and says where', (_, body, message) => {
    const result = readRecords(Buffer.from(body), context);
    expect(result).toMatchObject({ refused: 'InvalidRecordsException' });
    expect((result as { message: string }).message).toMatch(message);
  });
  it('rejects a bad record with its index and takes its neighbours', () => {
    const result = read(`[${text},7,{"a":01},${text}]`);
    expect(texts(result)).toEqual([text, text]);
    expect(result.batch.bytes.toString()).toBe(`${text},${text}`);
    expect(result.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'NotAnObject'],
      [2, 'InvalidJson'],
    ]);
    expect(result.total).toBe(4);
  });
  it('rejects a bad line of NDJSON on its own', () => {
    const result = read(`${text}\n{"a":\n${text}`);
    expect(texts(result)).toEqual([text, text]);
    expect(result.rejected).toMatchObject([{ index: 1, code: 'InvalidJson' }]);
  });
});

describe('a record', () => {
  it('that is complete keeps its bytes, also odd spellings of the same values', () => {
    const odd = text.replace('"b"', '"\\u0062\\/"').replace('"R1"', '"R1","x":1.50e1');
    expect(texts(read(odd))).toEqual([odd]);
  });
  it('gets what CloudTrail always writes', () => {
    const least = { eventTime: '2026-11-21T03:12:58Z', eventSource: 'ec2.amazonaws.com' };
    const given = { ...least, eventName: 'RunInstances', awsRegion: 'us-east-1' };
    expect(JSON.parse(texts(read(JSON.stringify(given)))[0]!)).toEqual({
      ...given,
      eventVersion: '1.11',
      userIdentity: { type: 'Unknown' },
      eventID: 'made-0001',
      eventType: 'AwsApiCall',
      eventCategory: 'Management',
      managementEvent: true,
      recipientAccountId: '123456789012',
      requestParameters: null,
      responseElements: null,
    });
  });
  it('keeps its bytes before what is added', () => {
    const result = texts(read(JSON.stringify({ ...complete, eventID: undefined })))[0]!;
    const given = JSON.stringify({ ...complete, eventID: undefined });
    expect(result).toBe(`${given.slice(0, -1)},"eventID":"made-0001"}`);
  });
  it('without an account gets that of its identity', () => {
    expect(one({ recipientAccountId: undefined })['recipientAccountId']).toBe('111122223333');
  });
  it('keeps large and long numbers as they were written when it is changed', () => {
    const given = text.replace('"b"', '12345678901234567890.10').replace('"Data"', 'null');
    expect(texts(read(given))[0]).toContain('{"bucketName":12345678901234567890.10}');
  });
  it.each([
    ['2026-11-21T03:12:58.987Z', '2026-11-21T03:12:58Z'],
    ['2026-11-21T04:12:58+01:00', '2026-11-21T03:12:58Z'],
    ['2026-11-21T03:18:00Z', '2026-11-21T03:18:00Z'],
  ])('with eventTime %s is stored with %s', (given, stored) => {
    expect(one({ eventTime: given })['eventTime']).toBe(stored);
  });
  it('of more than 15 minutes ago says that it is late, unless it says why already', () => {
    expect(one({ eventTime: '2026-11-21T02:57:59Z' })['addendum']).toEqual({
      reason: 'DELIVERY_DELAY',
    });
    expect(one({ eventTime: '2026-11-21T02:58:00Z' })['addendum']).toBeUndefined();
    const addendum = { reason: 'UPDATED_DATA', updatedFields: 'x' };
    expect(one({ eventTime: '2026-11-20T00:00:00Z', addendum })['addendum']).toEqual(addendum);
  });
  it.each([
    [
      'Insight',
      { eventType: 'AwsCloudTrailInsight', insightDetails: { eventSource: 'a.b', eventName: 'c' } },
    ],
    ['NetworkActivity', { eventType: 'AwsVpceEvent' }],
    ['Data', { managementEvent: false }],
    ['Management', { managementEvent: undefined }],
  ])('without eventCategory becomes %s by what it is', (category, change) => {
    expect(one({ eventCategory: undefined, ...change })['eventCategory']).toBe(category);
  });
  it('gets booleans for the words true and false, and the word for a console session', () => {
    const record = one({
      readOnly: 'true',
      managementEvent: 'false',
      sessionCredentialFromConsole: true,
    });
    expect(record).toMatchObject({
      readOnly: true,
      managementEvent: false,
      sessionCredentialFromConsole: 'true',
    });
    expect('readOnly' in one({ readOnly: null })).toBe(false);
  });
  it('has objects over their limit left out and strings over theirs cut', () => {
    const large = { a: 'x'.repeat(102_400) };
    const record = one({
      requestParameters: large,
      additionalEventData: { a: 'x'.repeat(28_672) },
      errorMessage: `${'x'.repeat(1023)}é`,
    });
    expect(record['requestParameters']).toBe(null);
    expect('additionalEventData' in record).toBe(false);
    expect(record['errorMessage']).toBe('x'.repeat(1023));
  });
  it.each([
    ['MissingField', { eventTime: undefined }],
    ['MissingField', { eventName: undefined }],
    ['MissingField', { eventSource: null }],
    ['MissingField', { awsRegion: undefined }],
    ['InvalidEventTime', { eventTime: '2026-02-30T00:00:00Z' }],
    ['InvalidEventTime', { eventTime: '2026-11-21 03:12:58' }],
    ['InvalidEventTime', { eventTime: 1_700_000_000 }],
    ['EventTimeInFuture', { eventTime: '2026-11-21T03:18:01Z' }],
    ['InvalidField', { awsRegion: 'EU' }],
    ['InvalidField', { eventSource: 'a b' }],
    ['InvalidField', { eventName: 'a\nb' }],
    ['InvalidField', { eventID: 'a b' }],
    ['InvalidField', { eventID: 'x'.repeat(129) }],
    ['InvalidField', { readOnly: 'yes' }],
    ['InvalidField', { userIdentity: 'me' }],
    ['InvalidField', { requestParameters: '{}' }],
    ['InvalidField', { resources: [1] }],
    ['InvalidField', { resources: [{ ARN: 1 }] }],
    ['InvalidField', { recipientAccountId: '12' }],
    ['InvalidField', { eventCategory: 'Other' }],
    ['InvalidField', { sourceIPAddress: 1 }],
    ['AccessDenied', { recipientAccountId: '999999999999' }],
    ['EventTooLarge', { x: 'x'.repeat(262_144) }],
  ])('is rejected as %s with %o', (code, change) => {
    expect(rejectionOf(change)).toBe(code);
  });
  it.each([
    ['DuplicateKey', '{"a":1,"\\u0061":2}'],
    ['DuplicateKey', '{"userIdentity":{"arn":"a","arn":"b"}}'],
    ['DuplicateKey', '{"resources":[{"ARN":"a","ARN":"b"}]}'],
    ['UnsafeKey', '{"a":{"__proto__":{}}}'],
    ['LoneSurrogate', '{"a":"\\ud800"}'],
    ['LoneSurrogate', '{"a":"\\udc00\\ud800"}'],
    ['NumberOutOfRange', '{"a":[1e999]}'],
    ['TooDeep', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['InvalidJson', '{"a":+1}'],
  ])('is rejected as %s: %s', (code, body) => {
    expect(read(`[${body}]`).rejected).toMatchObject([{ index: 0, code }]);
  });
  it('is rejected when it is not UTF-8', () => {
    const body = Buffer.from('[{"a":"x"}]');
    body[7] = 0xff;
    expect(read(body).rejected).toMatchObject([{ code: 'InvalidUtf8' }]);
  });
});
