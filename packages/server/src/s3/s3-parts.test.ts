import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type ChecksumAlgorithm, newChecksum } from './checksums.ts';
import { isS3Request } from './s3-request.ts';
import { readXml } from './xml-reader.ts';
import { element, plainDocument } from './xml-writer.ts';

/** The catalogue of CRCs' check values, of the digits 1 to 9. */
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
] as [ChecksumAlgorithm, string][])('%s of 123456789, in any pieces', (algorithm, hex) => {
  const bytes = Buffer.from('123456789');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const checksum = newChecksum(algorithm);
    checksum.update(bytes.subarray(0, cut));
    checksum.update(bytes.subarray(cut));
    expect(Buffer.from(checksum.value(), 'base64').toString('hex')).toBe(hex);
  }
});

test.each([
  ['GET', '/bucket/key', undefined, true],
  ['PUT', '/bucket', undefined, true],
  ['POST', '/bucket?delete', undefined, true],
  ['POST', '/', undefined, false],
  ['GET', '/', 's3', true],
  ['GET', '/', undefined, false],
  ['POST', '/', 'cloudtrail', false],
  ['POST', '/', 'sts', false],
  ['POST', '/PutAuditEvents?channelArn=a', undefined, false],
  ['POST', '/PutAuditEvents', 'cloudtrail-data', false],
  ['GET', '/_trailkeep/health', undefined, false],
  ['GET', '/_trailkeep-logs/key', undefined, true],
  ['OPTIONS', '/bucket', undefined, false],
  [
    'GET',
    '/bucket?X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
    undefined,
    true,
  ],
])('%s %s signed for %s: S3 is %s', (method, url, service, is) => {
  const scope = `Credential=AK/20260101/us-east-1/${service}/aws4_request`;
  const authorization = service && `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`;
  expect(isS3Request({ method, url, headers: { authorization } } as IncomingMessage)).toBe(is);
});

test('what is written is read back', () => {
  const text = 'a & b < c > "d" \r\n\t ü \u{1f600} ]]>';
  const read = readXml(plainDocument('Root', [element('One', text), element('Two', '')]));
  expect(read?.children).toEqual([
    { name: 'One', text, children: [] },
    { name: 'Two', text: '', children: [] },
  ]);
});

test('XML is read in time proportional to it', () => {
  const started = performance.now();
  expect(readXml(`<a ${'b="c" '.repeat(100_000)}`)).toBeUndefined();
  expect(readXml(`<a>${'&'.repeat(1_000_000)}</a>`)).toBeUndefined();
  expect(readXml('<a>'.repeat(1_000_000))).toBeUndefined();
  expect(readXml(`<a>${'<!--'.repeat(300_000)}</a>`)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(2_000);
});
