import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { given } from '../spec.ts';
import { decideAddTags, decideRemoveTags, evolveTags, type Tag, type TagsEvent } from './tags.ts';

const at = 1;
const adding = {
  initial: [] as readonly Tag[],
  evolve: evolveTags,
  decide: (tags: readonly Tag[], state: readonly Tag[]) => decideAddTags({ at, tags }, state),
};
const removing = {
  ...adding,
  decide: (tags: readonly Tag[], state: readonly Tag[]) => decideRemoveTags({ at, tags }, state),
};
const added = (...tags: readonly Tag[]): TagsEvent => ({ type: 'TagsAdded', at, tags });
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Key: `key-${index}`, Value: 'v' }));

test('tags are added, and a key that is there gets the new value', () => {
  const both = [{ Key: 'a', Value: '1' }, { Key: 'b' }];
  given(adding)
    .when(both)
    .emits(added(...both));
  const state = evolveTags(both, added({ Key: 'a', Value: '2' }, { Key: 'c', Value: '' }));
  expect(state).toEqual([{ Key: 'a', Value: '2' }, { Key: 'b' }, { Key: 'c', Value: '' }]);
});

test('adding no tags changes nothing', () => {
  given(adding).when([]).emits();
});

test.each<[string, Tag]>([
  ['a key without a character', { Key: '' }],
  ['a key of 129 characters', { Key: 'k'.repeat(129) }],
  ['a key with a character that tags lack', { Key: 'a*b' }],
  ['a reserved key', { Key: 'aws:cloudformation:stack-name', Value: 'x' }],
  ['a value of 257 characters', { Key: 'a', Value: 'v'.repeat(257) }],
  ['a value with a line break', { Key: 'a', Value: '1\n2' }],
])('%s is refused', (_, tag) => {
  given(adding).when([tag]).refuses('InvalidTagParameterException');
});

test.each<Tag>([
  { Key: 'k'.repeat(128), Value: 'v'.repeat(256) },
  { Key: 'ä ö+-=._:/@1', Value: '' },
  { Key: '部署', Value: '東京' },
])('%j is a tag', (tag) => {
  given(adding).when([tag]).emits(added(tag));
});

test('a key that is given twice is refused', () => {
  given(adding)
    .when([
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ])
    .refuses('InvalidTagParameterException');
});

test('a resource has 50 tags at most', () => {
  given(adding)
    .when(numbered(50))
    .emits(added(...numbered(50)));
  given(adding).when(numbered(51)).refuses('TagsLimitExceededException');
  given(adding, [added(...numbered(50))])
    .when([{ Key: 'one-more' }])
    .refuses('TagsLimitExceededException');
  given(adding, [added(...numbered(50))])
    .when([{ Key: 'key-7', Value: 'new' }])
    .emits(added({ Key: 'key-7', Value: 'new' }));
});

test('tags are removed by key, whatever their value', () => {
  given(removing, [added({ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' })])
    .when([{ Key: 'a', Value: 'another' }, { Key: 'absent' }])
    .emits({ type: 'TagsRemoved', at, keys: ['a'] });
  given(removing)
    .when([{ Key: 'a' }])
    .emits();
});

test('removing what was added leaves what was there before', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const tags = fc.uniqueArray(fc.record({ Key: key, Value: fc.constantFrom('1', '2') }), {
    selector: (tag) => tag.Key,
  });
  fc.assert(
    fc.property(tags, tags, (before, more) => {
      const keys = more.map((tag) => tag.Key);
      const after = evolveTags(evolveTags(before, added(...more)), {
        type: 'TagsRemoved',
        at,
        keys,
      });
      expect(after).toEqual(before.filter((tag) => !keys.includes(tag.Key)));
    }),
  );
});
