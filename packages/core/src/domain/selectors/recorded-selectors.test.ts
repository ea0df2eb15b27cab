import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkAdvancedSelectors } from './check-advanced-selectors.ts';
import { checkBasicSelectors } from './check-basic-selectors.ts';
import type { AdvancedEventSelector, EventSelector } from './selectors.ts';

/** Replies of the live service, kept beside the checkout; see its NOTICE.md for their origin. */
const folder = new URL('../../../../../../shared/data/recorded-responses/', import.meta.url);
const isThere = existsSync(folder);
if (!isThere) {
  console.warn(`DID NOT RUN: the recorded replies are not at ${folder.pathname}`);
}

interface Reply {
  readonly EventSelectors?: readonly EventSelector[];
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[];
}

describe.skipIf(!isThere)('the selectors that real trails have', () => {
  const files = isThere
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.includes('EventSelectors_'),
      )
    : [];

  test('are there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  test.each(files)('are accepted, and echoed as they are: %s', (file) => {
    const reply: Reply = JSON.parse(readFileSync(new URL(file, folder), 'utf8')).data;
    const basic = reply.EventSelectors;
    const advanced = reply.AdvancedEventSelectors;
    if (basic !== undefined) {
      // The replies of 2017 are older than ExcludeManagementEventSources.
      const selectors = basic.map((one) => ({ ExcludeManagementEventSources: [], ...one }));
      expect(checkBasicSelectors(basic)).toEqual({ kind: 'basic', selectors });
    }
    if (advanced !== undefined) {
      const stored = { kind: 'advanced', selectors: advanced };
      expect(checkAdvancedSelectors(advanced, 'trail')).toEqual(stored);
    }
    expect(basic ?? advanced).toBeDefined();
  });
});
