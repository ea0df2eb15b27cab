import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '../complete-record.ts';
import { readRecords, readRecordsPlainly } from '../read-records.ts';
import { recordedRecords } from '../recorded.fixture.ts';
import { recordScanner } from './record-scanner.ts';
import { scannerWasm } from './scanner.wasm.ts';

const context: ReadContext = {
  now: Date.parse('2026-11-21T03:13:00Z'),
  newEventID: () => 'made-0001',
  mayWriteFor: (account) => account !== '999999999999',
  defaultAccount: '123456789012',
};
const complete = {
  eventVersion: '1.11',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:deploy',
    arn: 'arn:aws:sts::111122223333:assumed-role/ci/deploy',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
    sessionContext: { attributes: { mfaAuthenticated: 'false' }, sessionIssuer: {} },
  },
  eventTime: '2026-11-21T03:12:58Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'PutObject',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '192.0.2.1',
  userAgent: 'aws-cli',
  requestParameters: { bucketName: 'b', 'x-n': [1, -0.5, true, null, [], {}], k: 'ü😀"\\\n' },
  responseElements: null,
  requestID: 'R1',
  eventID: 'e-1',
  readOnly: false,
  resources: [
    { ARN: 'arn:aws:s3:::b/k', type: 'AWS::S3::Object', accountId: '111122223333' },
    { ARN: 'arn:aws:s3:::b' },
  ],
  eventType: 'AwsApiCall',
  managementEvent: false,
  recipientAccountId: '111122223333',
  eventCategory: 'Data',
};
const text = JSON.stringify(complete);

/** Both ways must come to the same; bytes are compared apart, which is much faster. */
function expectAgreement(body: Buffer, change: Partial<ReadContext> = {}): void {
  const fast = readRecords(body, { ...context, ...change });
  const plain = readRecordsPlainly(body, { ...context, ...change });
  if ('refused' in fast || 'refused' in plain) {
    expect(fast).toEqual(plain);
    return;
  }
  expect(fast.batch.bytes.equals(plain.batch.bytes)).toBe(true);
  expect(fast.batch.records).toEqual(plain.batch.records);
  expect(fast.rejected).toEqual(plain.rejected);
  expect(fast.total).toBe(plain.total);
}

function isScanned(record: string): boolean {
  const scanner = recordScanner();
  const bytes = Buffer.from(record);
  scanner.begin(bytes);
  return scanner.scan(0)?.end === bytes.length;
}

describe('the scanner', () => {
  it('takes a complete record', () => {
    expect(isScanned(text)).toBe(true);
  });

  it.each([
    ['white space', JSON.stringify(complete, null, 1)],
    ['a key that it does not know', text.replace('"requestID"', '"other"')],
    ['a missing field', text.replace('"eventVersion":"1.11",', '')],
    ['a key twice', text.replace('"requestID"', '"eventName"')],
    ['an identity with a key twice', text.replace('"accountId"', '"arn"')],
    ['__proto__', text.replace('"bucketName"', '"__proto__"')],
    ['an escaped key', text.replace('"bucketName"', '"\\u005f_proto__"')],
    ['an escape in a fact', text.replace('PutObject', 'Put\\u004fbject')],
    ['a Region of another shape', text.replace('eu-central-1', 'EU')],
    [
      'an account of another shape',
      text.replace('"recipientAccountId":"1', '"recipientAccountId":"x'),
    ],
    ['a day that is none', text.replace('11-21T', '11-31T')],
    ['an exponent', text.replace('-0.5', '1e5')],
    ['a leading zero', text.replace('-0.5', '-00.5')],
    ['half a surrogate pair', text.replace('192.0.2.1', '\\ud83d')],
    ['an Insights record', text.replace('"Data"', '"Insight"')],
    ['17 resources', text.replace('[{"ARN"', `[${'{},'.repeat(15)}{"ARN"`)],
    ['a record without its end', text.slice(0, -1)],
  ])('leaves %s to the plain way', (_, record) => {
    expect(record).not.toBe(text);
    expect(isScanned(record)).toBe(false);
    expectAgreement(Buffer.from(`[${record}]`));
  });

  it('checks UTF-8 where it finds it', () => {
    for (const hex of ['c0af', 'e080af', 'eda080', 'f0808080', 'f4908080', 'ff', 'c3', 'e282']) {
      const [before, after] = text.split('ü') as [string, string];
      const bad = Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]);
      const scanner = recordScanner();
      scanner.begin(bad);
      expect(scanner.scan(0)).toBeUndefined();
      expectAgreement(bad);
    }
  });
});

describe('the fast way and the plain way agree', () => {
  const spans = [0, 1, 2, 3, 8, 40];

  it('on records with bytes changed, taken out or put in', () => {
    const bytes = Buffer.from(`{"Records":[${text},${text.replace('e-1', 'e-2')}]}`);
    const noise = fc.oneof(
      fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', '0', 'e', '-', 'null'),
      fc.constantFrom('true', '\u00e9', '\\u0041', '\\ud800', '\u0000', '\u007f', '"a":1,', '{}'),
    );
    const property = fc.property(
      fc.nat(bytes.length - 1),
      fc.constantFrom(...spans),
      fc.option(noise, { nil: '' }),
      (at, length, put) => {
        const parts = [bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + length)];
        expectAgreement(Buffer.concat(parts));
      },
    );
    fc.assert(property, { numRuns: 3_000 });
  });

  it('on records with any values for their members', () => {
    const members = fc.dictionary(
      fc.constantFrom(...Object.keys(complete), 'addendum'),
      fc.jsonValue(),
    );
    const identity = fc.dictionary(
      fc.constantFrom('type', 'arn', 'principalId', 'userName', 'accessKeyId', 'x'),
      fc.constantFrom('Root', 'AssumedRole', 'IAMUser', 'a:b', 'a:', ':', 'a/b', '', 'ü', 1, null),
    );
    fc.assert(
      fc.property(members, identity, (change, userIdentity) => {
        expectAgreement(Buffer.from(JSON.stringify([{ ...complete, ...change }])));
        expectAgreement(Buffer.from(JSON.stringify([{ ...complete, userIdentity }])));
      }),
      { numRuns: 500 },
    );
  });

  it('on times of every kind', () => {
    const part = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, '0'));
    const day = fc.tuple(fc.integer({ min: 1960, max: 2105 }), part(13), part(32));
    fc.assert(
      fc.property(day, part(25), part(61), ([year, month, date], hour, minute) => {
        const eventTime = `${year}-${month}-${date}T${hour}:${minute}:59Z`;
        expectAgreement(Buffer.from(text.replace('2026-11-21T03:12:58Z', eventTime)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['late', { now: context.now + 3_600_000 }],
    ['from the future', { now: context.now - 3_600_000 }],
    ['of an account that is not theirs', { mayWriteFor: () => false }],
  ])('on records that are %s', (_, change) => {
    for (const body of [text, `[${text},${text}]`, `${text}\n${text}\n`, `{"Records":[${text}]}`]) {
      expectAgreement(Buffer.from(body), change);
    }
  });

  it('on a body of several windows', () => {
    const records = Array.from({ length: 900 }, (_, i) =>
      text.replace('"e-1"', `"e-${i}"`).replace('192.0.2.1', 'x'.repeat((i * 7919) % 1_800)),
    );
    records.splice(400, 0, text.replace('192.0.2.1', 'x'.repeat(250_000)));
    records.splice(500, 0, text.replace('192.0.2.1', 'x'.repeat(600_000)));
    const body = Buffer.from(`{"Records":[${records.join(',')}]}`);
    expect(body.length).toBeGreaterThan(3 * 524_288);
    expectAgreement(body);
  });

  it('when there are more texts than it remembers', () => {
    const many = Array.from({ length: 9_000 }, (_, i) =>
      text
        .replace('PutObject', `Put${i % 7 === 0 ? 'Object' : i}`)
        .replace('ci/deploy', `ci/${i % 5}${'x'.repeat(i % 300)}`)
        .replace('arn:aws:s3:::b"', `arn:aws:s3:::b${i}"`),
    );
    expectAgreement(Buffer.from(many.join('\n')));
  });

  it.runIf(recordedRecords().length > 0)('on recorded records, whole and damaged', () => {
    const recorded = recordedRecords();
    expectAgreement(Buffer.from(recorded.join('\n')));
    expectAgreement(Buffer.from(`{"Records":[${recorded.join(',')}]}`));
    const damaged = recorded.map((record, i) => {
      const bytes = Buffer.from(record);
      bytes[(i * 7919) % bytes.length]! ^= 1 << (i % 8);
      return bytes;
    });
    for (let i = 0; i < damaged.length; i += 7) {
      expectAgreement(Buffer.concat([Buffer.from('['), damaged[i]!, Buffer.from(`,${text}]`)]));
    }
  });
});

const compiler = new URL(
  '../../../../../../node_modules/assemblyscript/package.json',
  import.meta.url,
);

it.runIf(existsSync(compiler))('the committed binary is what the source compiles to', async () => {
  const { compileScanner } = await import(new URL('./build.mjs', import.meta.url).href);
  expect(await compileScanner()).toBe(scannerWasm);
});
if (!existsSync(compiler)) {
  console.warn('The compilation of the scanner DID NOT RUN: assemblyscript is not installed.');
}
