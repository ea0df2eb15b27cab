import type { Tag } from '@trailkeep/core/adapters/embedded/buckets/stored-version.ts';
import { refuse } from '@trailkeep/core/domain/refusal.ts';
import { malformedXml, refuseWith, type S3Refusal } from './s3-refusals.ts';
import { child, childrenOf, childText, type XmlElement } from './xml-reader.ts';
import { element, type XmlContent } from './xml-writer.ts';

/** `<Tagging><TagSet><Tag>...`, read and checked. */
export function readTagging(root: XmlElement, tagsMax: number): readonly Tag[] | S3Refusal {
  const set = child(root, 'TagSet');
  if (set === undefined) return malformedXml;
  const tags = readTags(set);
  return tags === undefined ? malformedXml : (refusedTags(tags, tagsMax) ?? tags);
}

/** The Tag elements under `parent`; undefined when one lacks its key or value. */
export function readTags(parent: XmlElement): readonly Tag[] | undefined {
  const tags: Tag[] = [];
  for (const one of childrenOf(parent, 'Tag')) {
    const key = childText(one, 'Key');
    const value = childText(one, 'Value');
    if (key === undefined || value === undefined) return undefined;
    tags.push({ key, value });
  }
  return tags;
}

export function refusedTags(tags: readonly Tag[], tagsMax: number): S3Refusal | undefined {
  if (tags.length > tagsMax) {
    const what = tagsMax === 10 ? 'Object' : 'Bucket';
    return refuse('BadRequest', `${what} tags cannot be greater than ${tagsMax}`);
  }
  for (const { key, value } of tags) {
    const badKey = key.length < 1 || key.length > 128 || !tagCharacters.test(key);
    if (badKey) return invalidTag('The TagKey you have provided is invalid', key);
    const badValue = value.length > 256 || !tagCharacters.test(value);
    if (badValue) return invalidTag('The TagValue you have provided is invalid', key);
    if (key.toLowerCase().startsWith('aws:')) {
      return invalidTag('System tags cannot be added/updated by requester', key);
    }
  }
  const keys = new Set(tags.map((tag) => tag.key));
  if (keys.size === tags.length) return undefined;
  return refuse('InvalidTag', 'Cannot provide multiple Tags with the same key');
}

export function tagSet(tags: readonly Tag[]): XmlContent {
  return element('TagSet', tagElements(tags));
}

export function tagElements(tags: readonly Tag[]): readonly XmlContent[] {
  return tags.map(({ key, value }) =>
    element('Tag', [element('Key', key), element('Value', value)]),
  );
}

function invalidTag(message: string, key: string): S3Refusal {
  return refuseWith('InvalidTag', message, { TagKey: key });
}

const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
