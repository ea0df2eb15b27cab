import { expect, test } from 'vitest';
import { summary } from './trail.fixture.ts';
import { checkTrailQuota } from './trail-quota.ts';

const names = ['one', 'two', 'three', 'four', 'five'];
const one = { account: '123456789012', region: 'us-east-1', isMultiRegionTrail: false };

test('a Region has room for five trails', () => {
  const four = names.slice(0, 4).map((name) => summary(name));
  expect(checkTrailQuota(four, one)).toBeUndefined();
  expect(checkTrailQuota([...four, summary('five')], one)).toEqual({
    refused: 'MaximumNumberOfTrailsExceededException',
    message: 'User: 123456789012 already has 5 trails in us-east-1.',
  });
});

test('single-Region trails elsewhere take no room', () => {
  const elsewhere = names.map((name) => summary(name, { homeRegion: 'eu-west-1' }));
  expect(checkTrailQuota(elsewhere, one)).toBeUndefined();
});

test('multi-Region trails take room in every Region', () => {
  const shadows = names.map((name) =>
    summary(name, { homeRegion: 'eu-west-1', isMultiRegionTrail: true }),
  );
  expect(checkTrailQuota(shadows, one)?.message).toContain('already has 5 trails in us-east-1.');
});

test('a multi-Region trail needs room in every Region', () => {
  const elsewhere = names.map((name) => summary(name, { homeRegion: 'eu-west-1' }));
  expect(checkTrailQuota(elsewhere, { ...one, isMultiRegionTrail: true })?.message).toBe(
    'User: 123456789012 already has 5 trails in eu-west-1.',
  );
});
