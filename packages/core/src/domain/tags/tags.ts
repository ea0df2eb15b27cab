import { type Refusal, refuse } from '../refusal.ts';

export interface Tag {
  readonly Key: string;
  readonly Value?: string;
}

export type TagsEvent =
  | { readonly type: 'TagsAdded'; readonly at: number; readonly tags: readonly Tag[] }
  | { readonly type: 'TagsRemoved'; readonly at: number; readonly keys: readonly string[] }
  | { readonly type: 'TagsCleared'; readonly at: number };

export type TagsState = readonly Tag[];

/** Tags that one resource may have (CloudTrail quotas). */
export const tagsPerResourceMax = 50;
const keyLengthMax = 128;
const valueLengthMax = 256;

export function evolveTags(state: TagsState, event: TagsEvent): TagsState {
  switch (event.type) {
    case 'TagsAdded': {
      const added = new Map(event.tags.map((tag) => [tag.Key, tag]));
      const kept = state.map((tag) => added.get(tag.Key) ?? tag);
      const keys = new Set(state.map((tag) => tag.Key));
      return [...kept, ...event.tags.filter((tag) => !keys.has(tag.Key))];
    }
    case 'TagsRemoved': {
      const removed = new Set(event.keys);
      return state.filter((tag) => !removed.has(tag.Key));
    }
    case 'TagsCleared':
      return [];
  }
}

type TagsCode = 'InvalidTagParameterException' | 'TagsLimitExceededException';

export function checkTags(tags: readonly Tag[]): Refusal<TagsCode> | undefined {
  const keys = new Set<string>();
  for (const { Key, Value } of tags) {
    if (Key.length < 1 || Key.length > keyLengthMax || !tagText.test(Key)) {
      return refuse(
        'InvalidTagParameterException',
        `The tag key '${Key.slice(0, keyLengthMax)}' is not valid. A key has 1 to ${keyLengthMax} letters, numbers, spaces or any of + - = . _ : / @`,
      );
    }
    if (/^aws:/i.test(Key)) {
      return refuse(
        'InvalidTagParameterException',
        `The tag key '${Key}' is not valid: keys that begin with aws: are reserved.`,
      );
    }
    if (Value !== undefined && (Value.length > valueLengthMax || !tagText.test(Value))) {
      return refuse(
        'InvalidTagParameterException',
        `The value of tag '${Key}' is not valid. A value has at most ${valueLengthMax} letters, numbers, spaces or any of + - = . _ : / @`,
      );
    }
    if (keys.has(Key)) {
      return refuse('InvalidTagParameterException', `The tag key '${Key}' is given twice.`);
    }
    keys.add(Key);
  }
  return tags.length > tagsPerResourceMax ? tooMany() : undefined;
}

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function decideAddTags(
  command: { at: number; tags: readonly Tag[] },
  state: TagsState,
): readonly TagsEvent[] | Refusal<TagsCode> {
  const refusal = checkTags(command.tags);
  if (refusal) return refusal;
  if (command.tags.length === 0) return [];
  const event: TagsEvent = { type: 'TagsAdded', at: command.at, tags: command.tags };
  return evolveTags(state, event).length > tagsPerResourceMax ? tooMany() : [event];
}

/** Tags are removed by key; what is not there needs no removing. */
export function decideRemoveTags(
  command: { at: number; tags: readonly Tag[] },
  state: TagsState,
): readonly TagsEvent[] {
  const wanted = new Set(command.tags.map((tag) => tag.Key));
  const keys = state.map((tag) => tag.Key).filter((key) => wanted.has(key));
  return keys.length === 0 ? [] : [{ type: 'TagsRemoved', at: command.at, keys }];
}

function tooMany(): Refusal<'TagsLimitExceededException'> {
  return refuse(
    'TagsLimitExceededException',
    `The number of tags per resource has exceeded the permitted amount. Currently, the limit is ${tagsPerResourceMax}.`,
  );
}
