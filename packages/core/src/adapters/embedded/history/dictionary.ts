import type { HistoryAttribute } from '../../../ports/history.ts';

/**
 * The attribute values of one head, numbered as they come. A value is a term: its attribute's tag
 * and its text. EventId is no term: nearly every record would bring a new one.
 */
export interface Dictionary {
  readonly numbers: readonly Map<string, number>[];
  readonly texts: string[];
  tags: Uint8Array;
  /** In how many records of the head the term is. */
  counts: Uint32Array;
  /** Where in the head's `terms` the term came last, plus one; 0: nowhere. */
  lastAt: Uint32Array;
  /** Of `texts`, in UTF-16 units: what a head may hold is bounded by it. */
  length: number;
}

/** LookupEvents takes no longer AttributeValue (model: string, len 1..2000): it is not indexed. */
export const valueLengthMax = 2000;

const tags = {
  EventName: 0,
  EventSource: 1,
  ReadOnly: 2,
  Username: 3,
  AccessKeyId: 4,
  ResourceType: 5,
  ResourceName: 6,
} as const satisfies Record<Exclude<HistoryAttribute, 'EventId'>, number>;

/** The tag of account, Region and category in a segment's dictionary; a head keeps them apart. */
export const scopeTag = 7;

/** Their numbers in every dictionary, so that no record looks them up. */
export const readOnlyTrue = 0;
export const readOnlyFalse = 1;

export function tagOf(attribute: Exclude<HistoryAttribute, 'EventId'>): number {
  return tags[attribute];
}

export function newDictionary(): Dictionary {
  const dictionary: Dictionary = {
    numbers: Array.from({ length: scopeTag }, () => new Map<string, number>()),
    texts: [],
    tags: new Uint8Array(4096),
    counts: new Uint32Array(4096),
    lastAt: new Uint32Array(4096),
    length: 0,
  };
  numberOf(dictionary, tags.ReadOnly, 'true');
  numberOf(dictionary, tags.ReadOnly, 'false');
  return dictionary;
}

export function numberOf(dictionary: Dictionary, tag: number, text: string): number {
  return dictionary.numbers[tag]!.get(text) ?? addTerm(dictionary, tag, text);
}

function addTerm(dictionary: Dictionary, tag: number, text: string): number {
  const number = dictionary.texts.length;
  if (number === dictionary.counts.length) grow(dictionary);
  const own = ownText(text);
  dictionary.numbers[tag]!.set(own, number);
  dictionary.texts.push(own);
  dictionary.tags[number] = tag;
  dictionary.length += own.length;
  return number;
}

/** A slice would keep the text alive that it was cut from, for as long as the head lives. */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}

function grow(dictionary: Dictionary): void {
  const length = dictionary.counts.length * 2;
  const tagsNow = new Uint8Array(length);
  tagsNow.set(dictionary.tags);
  dictionary.tags = tagsNow;
  dictionary.counts = longer(dictionary.counts, length);
  dictionary.lastAt = longer(dictionary.lastAt, length);
}

export function longer(array: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}

/**
 * 32 bits of a text. The seed is the history's own and random, so that nobody who sends records
 * can choose texts that fall on one another. FNV-1a with the last mixing of MurmurHash3.
 */
export function hashText(seed: number, text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A term's text as it is hashed and stored: different tags never meet. */
export function termText(tag: number, text: string): string {
  return String.fromCharCode(tag + 1) + text;
}

/** What `scopeText` was made of. */
export function scopeParts(text: string): [account: string, region: string, category: string] {
  const [account = '', region = '', category = ''] = text.split('\u0000');
  return [account, region, category];
}

export function scopeText(account: string, region: string, category: string): string {
  return `${account}\u0000${region}\u0000${category}`;
}
