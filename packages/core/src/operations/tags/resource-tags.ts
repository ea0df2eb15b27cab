import { evolveTags, type Tag, type TagsEvent, type TagsState } from '../../domain/tags/tags.ts';
import type { Commit } from '../../ports/event-store.ts';
import type { StreamKind, Streams } from '../../streams/streams.ts';

/** A resource's tags are a stream of their own, keyed by the resource's ARN. */
export const tagsKind: StreamKind<TagsState, TagsEvent> = { initial: [], evolve: evolveTags };

export function tagsStream(arn: string): string {
  return `tags/${arn}`;
}

/** The tags that a new resource starts with, as part of the commit that creates it. */
export async function tagsAppend(
  streams: Streams,
  arn: string,
  tags: readonly Tag[],
  at: number,
): Promise<Commit['streams']> {
  const stream = tagsStream(arn);
  const { version, state } = await streams.load(tagsKind, stream);
  // Tags may have been added while the trail of this name before it was being deleted.
  const events: TagsEvent[] = state.length > 0 ? [{ type: 'TagsCleared', at }] : [];
  if (tags.length > 0) events.push({ type: 'TagsAdded', at, tags });
  if (events.length === 0) return [];
  return [{ stream, expectedVersion: version, events }];
}

/** A resource of the same name may come again; it must not inherit tags. */
export async function clearTags(streams: Streams, arn: string, at: number): Promise<void> {
  const stream = tagsStream(arn);
  await streams.change(async () => {
    const { version, state } = await streams.load(tagsKind, stream);
    if (state.length === 0) return { answer: undefined };
    const events: TagsEvent[] = [{ type: 'TagsCleared', at }];
    return {
      commit: { streams: [{ stream, expectedVersion: version, events }] },
      answer: undefined,
    };
  });
}
