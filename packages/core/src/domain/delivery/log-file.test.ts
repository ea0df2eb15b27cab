import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactTime, folderOf, logFileKey, secondTime } from './log-file.ts';

const place = {
  prefix: undefined,
  organizationId: undefined,
  account: '123456789012',
  region: 'us-east-1',
};
const file = {
  trailArn: 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit',
  folder: 'CloudTrail' as const,
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  index: 0,
  firstEventID: '11111111-2222-3333-4444-555555555555',
};

/** As programs that read CloudTrail's buckets match its keys. */
const readers: readonly [string, RegExp][] = [
  ['AWS CloudTrail Processing Library', /.+_CloudTrail_[\w-]+_\d{8}T\d{4}Z_[\w]+\.json\.gz$/],
  ['Falco: account', /\/AWSLogs\/(o-[a-z0-9]{10,32}\/)?\d{12}\//],
  ['Falco: interval', /_CloudTrail_[^_]+_([^_]+)Z_/],
  [
    'Loki lambda-promtail',
    /AWSLogs\/(?:o-[a-z0-9]{10,32}\/)?\d+\/CloudTrail\/\w+-\w+-(?:\w+-)?\d\/\d+\/\d+\/\d+\/\d+_CloudTrail_\w+-\w+-(?:\w+-)?\d_\d+T\d+Z_\w+\.json\.gz$/,
  ],
  [
    'Datadog forwarder',
    /\d+_CloudTrail(|-Digest|-Insight)_\w{2}(|-gov|-cn)-\w{4,9}-\d_(|.+)\d{8}T\d{4,6}Z(|.+).json.gz$/,
  ],
  ['Tailpipe', /AWSLogs\/(?:[^/]+\/)?\d+\/CloudTrail\/.*\/[^/]+\.json\.gz$/],
  ['trailscraper', /[0-9]+_CloudTrail_[a-z0-9-]+_[0-9TZ]+_[a-zA-Z0-9]+\.json\.gz$/],
  [
    'the strictest of all',
    /^(?:.+\/)?AWSLogs\/(?:o-[a-z0-9]{10,32}\/)?\d{12}\/CloudTrail\/[a-z0-9-]+\/\d{4}\/\d{2}\/\d{2}\/\d{12}_CloudTrail_[a-z0-9-]+_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/,
  ],
];

test.each(readers)('%s finds a log file by its key', (_, expression) => {
  for (const organizationId of [undefined, 'o-exampleorg1']) {
    for (const region of ['us-east-1', 'ap-southeast-2', 'eu-central-1']) {
      const key = logFileKey({ ...place, prefix: 'p', organizationId, region }, file);
      expect(key).toMatch(expression);
    }
  }
});

test('a key is made of prefix, organization, account, folder, Region, day and name', () => {
  const key = logFileKey({ ...place, prefix: 'a/b', organizationId: 'o-exampleorg1' }, file);
  const folders = 'a/b/AWSLogs/o-exampleorg1/123456789012/CloudTrail/us-east-1/2026/01/02/';
  expect(key.slice(0, folders.length)).toBe(folders);
  expect(key.slice(folders.length)).toMatch(
    /^123456789012_CloudTrail_us-east-1_20260102T0304Z_[A-Za-z0-9]{16}\.json\.gz$/,
  );
  expect(logFileKey(place, file)).toMatch(/^AWSLogs\/123456789012\/CloudTrail\//);
});

test('the key of a file never changes: a repeated delivery finds the file that it made', () => {
  expect(logFileKey(place, file)).toBe(logFileKey({ ...place }, { ...file }));
  expect(logFileKey(place, file)).toMatchInlineSnapshot(
    `"AWSLogs/123456789012/CloudTrail/us-east-1/2026/01/02/123456789012_CloudTrail_us-east-1_20260102T0304Z_V76xOIA00xuYjhsC.json.gz"`,
  );
});

test.each([
  ['Management', 'CloudTrail'],
  ['Data', 'CloudTrail'],
  ['Insight', 'CloudTrail-Insight'],
  ['NetworkActivity', 'CloudTrail-NetworkActivity'],
] as const)('%s events go to the folder %s', (category, folder) => {
  expect(folderOf(category)).toBe(folder);
  expect(logFileKey(place, { ...file, folder })).toContain(
    `/123456789012/${folder}/us-east-1/2026/01/02/123456789012_${folder}_us-east-1_`,
  );
});

const times = fc.integer({ min: Date.UTC(2013, 0), max: Date.UTC(2080, 0) });
const ids = fc.uuid();

test('a later delivery sorts after an earlier one, also within a minute', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 120_000 }), ids, ids, (at, later, one, other) => {
      const first = logFileKey(place, { ...file, at, index: 3000, firstEventID: one });
      const second = logFileKey(place, { ...file, at: at + later, firstEventID: other });
      expect(first < second).toBe(true);
    }),
  );
});

test('files of one delivery sort by their number and have different names', () => {
  const keys = Array.from({ length: 3000 }, (_, index) => logFileKey(place, { ...file, index }));
  expect(keys).toEqual([...keys].sort());
  expect(new Set(keys).size).toBe(keys.length);
});

test('two trails that deliver to one bucket do not take each other for themselves', () => {
  const other = file.trailArn.replace('audit', 'other');
  expect(logFileKey(place, file)).not.toBe(logFileKey(place, { ...file, trailArn: other }));
});

test('times are written in UTC, without fractions', () => {
  expect(compactTime(file.at)).toBe('20260102T030405Z');
  expect(secondTime(file.at)).toBe('2026-01-02T03:04:05Z');
});
