import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { TagsEvent, TagsState } from '../../domain/tags/tags.ts';
import type { Streams } from '../../streams/streams.ts';
import { tagsKind, tagsStream } from './resource-tags.ts';

export async function changeTags<Code extends string>(
  streams: Streams,
  arn: string,
  decide: (state: TagsState) => readonly TagsEvent[] | Refusal<Code>,
): Promise<Record<never, never> | Refusal<Code>> {
  const stream = tagsStream(arn);
  return streams.change<Record<never, never> | Refusal<Code>>(async () => {
    const { version, state } = await streams.load(tagsKind, stream);
    const events = decide(state);
    if (isRefusal(events)) return { answer: events as Refusal<Code> };
    if (events.length === 0) return { answer: {} };
    return { commit: { streams: [{ stream, expectedVersion: version, events }] }, answer: {} };
  });
}
