import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPutAuditEvents, writePutAuditEvents, writeRestError } from './rest-json.ts';

const channelArn = 'arn:aws:cloudtrail:eu-west-1:123456789012:channel/1';
const query = `channelArn=${encodeURIComponent(channelArn)}&externalId=partner%2B1`;
const auditEvents = [{ id: 'event-1', eventData: '{"version":"1"}', eventDataChecksum: 'abc=' }];
const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('a PutAuditEvents request', () => {
  test('has its channel in the query and its events in the body', () => {
    expect(readPutAuditEvents(query, body({ auditEvents }))).toStrictEqual({
      input: { auditEvents, channelArn, externalId: 'partner+1' },
    });
  });

  test('cannot name the channel in the body', () => {
    expect(readPutAuditEvents('', body({ auditEvents, channelArn }))).toEqual({
      refused: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'channelArn' " +
        'failed to satisfy constraint: Member must not be null',
    });
  });

  test.each([
    ['no events', query, body({ auditEvents: [] }), 'ValidationException'],
    ['an id with a space', query, body({ auditEvents: [{ id: 'a b', eventData: '' }] }), 'Valid'],
    ['a short external id', 'channelArn=arn:x&externalId=a', body({ auditEvents }), 'Valid'],
    ['no body', query, Buffer.alloc(0), 'ValidationException'],
    ['a list for a body', query, body([]), 'SerializationException'],
    ['eventData as JSON', query, body({ auditEvents: [{ id: 'a', eventData: {} }] }), 'Serial'],
    ['the channel twice', `${query}&channelArn=arn:x`, body({ auditEvents }), 'Serialization'],
    ['a broken escape', 'channelArn=%E0%A4%A', body({ auditEvents }), 'SerializationException'],
    ['a duplicate key', query, Buffer.from('{"auditEvents":[],"auditEvents":[]}'), 'Serial'],
  ])('with %s is refused', (_what, queryText, bytes, refused) => {
    const refusal = { refused: expect.stringMatching(new RegExp(`^${refused}`)) };
    expect(readPutAuditEvents(queryText, bytes)).toMatchObject(refusal);
  });

  test("leaves the form of the channel's ARN to the rule that says InvalidChannelARN", () => {
    expect(readPutAuditEvents('channelArn=x', body({ auditEvents }))).toHaveProperty('input');
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.json(), fc.string()), (queryText, text) => {
        expect(readPutAuditEvents(queryText, Buffer.from(text))).toBeDefined();
        expect(readPutAuditEvents(`channelArn=${queryText}`, Buffer.from(text))).toBeDefined();
      }),
    );
  });
});

test('a reply has what was taken and what was not', () => {
  const output = {
    successful: [{ id: 'a', eventID: 'b' }],
    failed: [{ id: 'c', errorCode: 'InvalidChecksum', errorMessage: 'm' }],
  };
  expect(JSON.parse(writePutAuditEvents(output).toString())).toEqual(output);
});

test('an error has its name in the header, where boto3 looks for it', () => {
  const {
    status,
    headers,
    body: bytes,
  } = writeRestError(
    { refused: 'ChannelNotFound', message: 'The channel could not be found.' },
    'id-1',
  );
  expect(status).toBe(400);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'x-amzn-ErrorType': 'ChannelNotFound',
    'x-amzn-RequestId': 'id-1',
  });
  expect(JSON.parse(bytes.toString())).toMatchObject({ __type: 'ChannelNotFound' });
});
