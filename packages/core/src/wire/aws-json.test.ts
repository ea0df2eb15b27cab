import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '../domain/refusal.ts';
import { operationOf, readBody, writeBody, writeError } from './aws-json.ts';
import { operationNames, operationSchema } from './shapes.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const valid = { Name: 'management', S3BucketName: 'bucket' };

describe('the operation of an X-Amz-Target', () => {
  test.each([
    ['CloudTrail_20131101.CreateTrail', 'CreateTrail'],
    ['com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail', 'CreateTrail'],
    ['anything.at.all.LookupEvents', 'LookupEvents'],
    ['CloudTrail_20131101.createTrail', undefined],
    ['CloudTrail_20131101.', undefined],
    ['CloudTrail_20131101.constructor', undefined],
    ['a.GetTrail, a.DeleteTrail', undefined],
    ['a.GetTrail\u0000', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (target, operation) => {
    expect(operationOf(target)).toBe(operation);
  });

  test('is short', () => {
    expect(operationOf(`${'a'.repeat(10_000)}.GetTrail`)).toBeUndefined();
  });
});

describe('a body', () => {
  test('is read into what an operation takes: known members alone, null as absent', () => {
    const body = bytes('{"Name":"management","S3BucketName":"bucket","KmsKeyId":null,"New":[1]}');
    expect(readBody('CreateTrail', body)).toStrictEqual({ input: valid });
  });

  test('may be empty, which is a request without members', () => {
    expect(readBody('DescribeTrails', Buffer.alloc(0))).toStrictEqual({ input: {} });
    expect(readBody('CreateTrail', Buffer.alloc(0))).toMatchObject({
      refused: 'ValidationException',
    });
  });

  test('has times as epoch seconds with a fraction, or as ISO 8601', () => {
    const read = (time: string) => readBody('LookupEvents', bytes(`{"StartTime":${time}}`));
    const at = (iso: string) => ({ input: { StartTime: new Date(iso) } });
    expect(read('1767225600')).toEqual(at('2026-01-01T00:00:00Z'));
    expect(read('1767225600.123')).toEqual(at('2026-01-01T00:00:00.123Z'));
    expect(read('1.7672256005E9')).toEqual(at('2026-01-01T00:00:00.500Z'));
    expect(read('"2026-01-01T01:00:00+01:00"')).toEqual(at('2026-01-01T00:00:00Z'));
    expect(read('"2026-01-01T00:00:00.123456Z"')).toEqual(at('2026-01-01T00:00:00.123Z'));
  });

  test.each(['1e300', '-1e300', '1e999', '"2026-02-30T00:00:00Z"', '"now"', '"1"', 'true', '[]'])(
    'is refused with the time %s',
    (time) => {
      expect(readBody('LookupEvents', bytes(`{"StartTime":${time}}`))).toMatchObject({
        refused: 'SerializationException',
      });
    },
  );

  test.each([
    ['not JSON', bytes('{"Name":')],
    ['white space', bytes(' ')],
    ['two documents', bytes('{}{}')],
    ['a trailing comma', bytes('{"Name":"a",}')],
    ['a comment', bytes('{}//')],
    ['NaN', bytes('{"Name":NaN}')],
    ['a list', bytes('[]')],
    ['null', bytes('null')],
    ['a text', bytes('"CreateTrail"')],
    ['a number', bytes('1')],
    ['a byte order mark', bytes('\ufeff{}')],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a lone surrogate', bytes('{"Name":"\\ud800"}')],
    ['a lone surrogate, low', bytes('{"Name":"a\\uDC00b"}')],
    ['a lone surrogate where nobody looks', bytes('{"Surprise":{"\\ud800":1}}')],
    ['a duplicate key', bytes('{"Name":"a","Name":"b"}')],
    ['a duplicate key, escaped', bytes('{"Name":"a","\\u004eame":"b"}')],
    ['a duplicate key, deep', bytes('{"X":[{"a":1,"b":{"c":1,"c" \n: 2}}]}')],
    ['__proto__', bytes('{"__proto__":{"Name":"a"}}')],
    ['__proto__, escaped', bytes('{"\\u005f_proto__":{"Name":"a"}}')],
    ['constructor', bytes('{"TagsList":[{"constructor":{"prototype":{"x":1}}}]}')],
    ['65 levels', bytes(`{"X":${'['.repeat(64)}${']'.repeat(64)}}`)],
  ])('that is or has %s is refused, and pollutes nothing', (_what, body) => {
    expect(readBody('CreateTrail', body)).toMatchObject({ refused: 'SerializationException' });
    expect(({} as Record<string, unknown>)['Name']).toBeUndefined();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test.each([
    ['64 levels', `{"X":${'['.repeat(63)}${']'.repeat(63)}}`],
    ['the same key in different objects', '{"TagsList":[{"Key":"a"},{"Key":"b"}],"Key":1}'],
    ['the same text as key and value', '{"X":"Name","Y":["X","X"]}'],
    ['brackets and quotes in a text', '{"X":"[[[{{{\\"\\\\","Y":"\\u007b"}'],
    ['a pair of surrogates', '{"X":"\\ud83d\\ude00"}'],
    ['a key that objects inherit', '{"toString":1,"hasOwnProperty":2}'],
  ])('may have %s', (_what, text) => {
    const body = bytes(`${text.slice(0, -1)},"Name":"management","S3BucketName":"bucket"}`);
    expect(readBody('CreateTrail', body)).toMatchObject({ input: valid });
  });

  test('is read in linear time, however it is made', () => {
    const size = 1_000_000;
    const bodies = [
      '['.repeat(size),
      '[]'.padEnd(size, ' '),
      `[${'[],'.repeat(size / 3)}[]]`,
      `{"a${'\\u0061'.repeat(size / 6)}":1}`,
      `{${Array.from({ length: size / 12 }, (_, i) => `"${i}"  :1`).join(',')}}`,
      `["a"${`${' '.repeat(1000)},"a"`.repeat(size / 1000)}]`,
      '"'.repeat(size),
      '\\'.repeat(size),
      `{"Name":"${'x'.repeat(size)}","S3BucketName":${'1'.repeat(size)}}`,
    ];
    const started = performance.now();
    for (const body of bodies) {
      const read = readBody('CreateTrail', bytes(body));
      expect(isRefusal<string>(read) && read.message.length < 5000).toBe(true);
    }
    // Some 100 ms when the machine is idle; quadratic time would be minutes.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('never makes the reader throw', () => {
    const operation = fc.constantFrom(...operationNames);
    const json = fc.oneof(fc.json(), fc.json({ depthSize: 'medium' }), fc.string());
    fc.assert(
      fc.property(operation, fc.uint8Array({ maxLength: 64 }), (name, body) => {
        expect(readBody(name, body)).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(operation, json, (name, text) => {
        expect(readBody(name, bytes(text))).toBeDefined();
        const member = [...operationSchema(name).input.members.keys()][0] ?? 'None';
        expect(readBody(name, bytes(`{"${member}":${text}}`))).toBeDefined();
      }),
    );
  });

  test('of a valid request comes back as it was', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    const tag = fc.record({ Key: text, Value: text }, { requiredKeys: ['Key'] });
    const members = {
      Name: text,
      S3BucketName: text,
      S3KeyPrefix: text,
      IsMultiRegionTrail: fc.boolean(),
      TagsList: fc.array(tag, { maxLength: 5 }),
    };
    const createTrail = fc.record(members, { requiredKeys: ['Name', 'S3BucketName'] });
    fc.assert(
      fc.property(createTrail, (input) => {
        expect(readBody('CreateTrail', bytes(JSON.stringify(input)))).toEqual({ input });
      }),
    );
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (StartTime) => {
        const body = bytes(JSON.stringify({ StartTime: StartTime.getTime() / 1000 }));
        expect(readBody('LookupEvents', body)).toEqual({ input: { StartTime } });
      }),
    );
  });
});

describe('a reply', () => {
  test('has times as numbers, bytes as base64, and no member that is undefined', () => {
    const key = { Value: Buffer.from('key'), ValidityStartTime: new Date(1_767_225_600_123) };
    const output = { PublicKeyList: [key], NextToken: undefined };
    expect(writeBody('ListPublicKeys', output).toString()).toBe(
      '{"PublicKeyList":[{"Value":"a2V5","ValidityStartTime":1767225600.123}]}',
    );
  });

  test('has no bytes at all where the operation has no output', () => {
    for (const name of ['AddTags', 'StartLogging', 'DeleteTrail'] as const) {
      expect(writeBody(name, {})).toHaveLength(0);
    }
    expect(writeBody('ListTrails', {}).toString()).toBe('{}');
  });

  test('that is not of the shape is a bug, and thrown', () => {
    const wrong: [string, unknown][] = [
      ['misspelt', { TrailArn: 'x' }],
      ['text for boolean', { IsMultiRegionTrail: 'true' }],
      ['number for text', { Name: 1 }],
      ['null', { Name: null }],
    ];
    for (const [what, output] of wrong) {
      expect(() => writeBody('CreateTrail', output as object), what).toThrow(TypeError);
    }
    const broken = { Trail: { Name: 'a', Extra: 1 } } as object;
    expect(() => writeBody('GetTrail', broken)).toThrow(
      'GetTrail.Trail.Extra is no member of Trail',
    );
    const invalid = { LatestDeliveryTime: new Date(Number.NaN) };
    expect(() => writeBody('GetTrailStatus', invalid)).toThrow('is not a time');
    expect(() => writeBody('AddTags', { Name: 'x' } as object)).toThrow(TypeError);
  });
});

describe('an error', () => {
  test('is told in the body and in the header, with status 400 where the API models it', () => {
    const refusal = { refused: 'TrailNotFoundException', message: 'Unknown trail: x' } as const;
    const { status, headers, body } = writeError(refusal, 'id-1');
    expect(status).toBe(400);
    expect(headers).toEqual({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-ErrorType': 'TrailNotFoundException',
      'x-amzn-RequestId': 'id-1',
    });
    expect(body.toString()).toBe(
      '{"__type":"TrailNotFoundException","message":"Unknown trail: x"}',
    );
  });

  test.each([
    ['AccessDeniedException', 400],
    ['ThrottlingException', 400],
    ['MaxConcurrentQueriesException', 400],
    ['UnknownOperationException', 404],
    ['UnrecognizedClientException', 403],
    ['RequestEntityTooLargeException', 413],
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
  ] as const)('%s has status %i', (refused, status) => {
    expect(writeError({ refused, message: '' })).toMatchObject({ status });
  });
});
