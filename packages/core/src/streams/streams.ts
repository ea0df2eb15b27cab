import type { Commit, EventStore, StatePosition, StoredEvent } from '../ports/event-store.ts';

/** What a stream's events add up to. */
export interface StreamKind<State, Event extends StoredEvent> {
  readonly initial: State;
  evolve(state: State, event: Event): State;
}

export interface Loaded<State> {
  readonly version: number;
  readonly state: State;
}

/** Reads streams into state, remembering what was read; writes snapshots of long ones. */
export interface Streams {
  readonly store: EventStore;
  load<State, Event extends StoredEvent>(
    kind: StreamKind<State, Event>,
    stream: string,
  ): Promise<Loaded<State>>;
  /**
   * Decides and commits; on a conflict reads again and decides again, a bounded number of times.
   */
  change<Answer>(attempt: () => Promise<Change<Answer>>): Promise<Answer>;
}

/** What an attempt came to: nothing to write, or a commit and the answer once it stands. */
export type Change<Answer> = { readonly commit?: Commit; readonly answer: Answer };

const cachedStreamsMax = 20_000;
const snapshotEveryEvents = 256;
const attemptsMax = 12;

export function streamsOf(store: EventStore): Streams {
  const cache = new Map<string, Loaded<unknown>>();

  async function load<State, Event extends StoredEvent>(
    kind: StreamKind<State, Event>,
    stream: string,
  ): Promise<Loaded<State>> {
    const known = (cache.get(stream) as Loaded<State> | undefined) ?? (await snapshot(stream));
    const from = known ?? { version: 0, state: kind.initial };
    const slice = await store.read(stream, from.version);
    if (slice.events.length === 0 && known) return known;
    const state = (slice.events as Event[]).reduce(kind.evolve, from.state as State);
    const loaded = { version: slice.version, state };
    remember(stream, loaded);
    if (crossesSnapshot(from.version, slice.version)) await keepSnapshot(stream, loaded);
    return loaded as Loaded<State>;
  }

  function remember(stream: string, loaded: Loaded<unknown>): void {
    cache.delete(stream);
    cache.set(stream, loaded);
    if (cache.size > cachedStreamsMax) cache.delete(cache.keys().next().value as string);
  }

  async function snapshot(stream: string): Promise<Loaded<never> | undefined> {
    return (await store.view('snapshots', stream))?.value as Loaded<never> | undefined;
  }

  async function keepSnapshot(stream: string, loaded: Loaded<unknown>): Promise<void> {
    const put = { put: loaded, partition: 'snapshots', key: stream };
    await store.commit({ streams: [], views: [put] });
  }

  return { store, load, change: (attempt) => changeOn(store, attempt) };
}

function crossesSnapshot(before: number, after: number): boolean {
  return Math.floor(before / snapshotEveryEvents) !== Math.floor(after / snapshotEveryEvents);
}

async function changeOn<Answer>(
  store: EventStore,
  attempt: () => Promise<Change<Answer>>,
): Promise<Answer> {
  for (let tries = 1; tries <= attemptsMax; tries += 1) {
    const { commit, answer } = await attempt();
    if (!commit) return answer;
    const position: StatePosition | 'conflict' = await store.commit(commit);
    if (position !== 'conflict') return answer;
    await pause(tries);
  }
  throw new ContentionError();
}

/**
 * Others kept changing the same streams. The caller may try again: it is answered as throttling.
 */
export class ContentionError extends Error {
  constructor() {
    super(`gave up after ${attemptsMax} conflicting attempts`);
  }
}

/** Spreads rivals out: up to 2 ms after the first conflict, up to 50 ms after many. */
function pause(tries: number): Promise<void> {
  const limitMs = Math.min(2 ** tries, 50);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * limitMs));
}
