import { type Route, type RouteGroup, routeGroups } from '../domain/delivery/routing.ts';
import type { DigestSpan, TrailEvent, TrailSettings, TrailState } from '../domain/trails/trail.ts';
import { evolveTrail, initialTrail } from '../domain/trails/trail.ts';
import { trailArn } from '../domain/trails/trail-arn.ts';
import type { EventStore, StatePosition } from '../ports/event-store.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { StreamKind } from '../streams/streams.ts';

/** Every trail as it stood at a position of the resource state, from the trails' own events. */
export interface RouteTable {
  /**
   * Moves to `position`. Moving back, as a delivery that is tried again does, begins anew: the
   * table is always what the events up to there add up to.
   */
  advance(position: StatePosition): Promise<void>;
  groups(account: string, region: string): Promise<readonly RouteGroup[]>;
  /** Every trail that has digest spans, ended ones included. */
  digesting(): readonly DigestingTrail[];
}

export interface DigestingTrail {
  readonly arn: string;
  /** Undefined once the trail is deleted; its ended spans carry the settings they need. */
  readonly settings: TrailSettings | undefined;
  readonly spans: readonly DigestSpan[];
}

const pageEvents = 1000;

export function routeTable(store: EventStore, organizations: Organizations): RouteTable {
  const trails = new Map<string, TrailState>();
  const routes = new Map<string, Route>();
  let memo = new Map<string, readonly RouteGroup[]>();
  let position: StatePosition = 0;

  function take(stream: string, event: TrailEvent): void {
    const state = evolveTrail(trails.get(stream) ?? initialTrail, event);
    trails.set(stream, state);
    memo = new Map();
    if (state.status === 'live' && state.logging) {
      const { settings, selectors } = state;
      routes.set(stream, { arn: arnOfStream(stream), settings, selectors });
    } else {
      routes.delete(stream);
    }
  }

  function beginAnew(): void {
    trails.clear();
    routes.clear();
    memo = new Map();
    position = 0;
  }

  return {
    async advance(to) {
      if (to < position) beginAnew();
      while (position < to) {
        const page = await store.since('trail', position, pageEvents);
        for (const recorded of page) {
          if (recorded.position > to) break;
          take(recorded.stream, recorded.event as TrailEvent);
          position = recorded.position;
        }
        const last = page.at(-1)?.position;
        if (page.length < pageEvents || last === undefined || last > to) position = to;
      }
    },
    async groups(account, region) {
      const key = `${account}/${region}`;
      const known = memo.get(key);
      if (known) return known;
      const organizationId = (await organizations.of(account))?.id;
      const found = routeGroups(routes.values(), account, region, organizationId);
      memo.set(key, found);
      return found;
    },
    digesting() {
      return [...trails].flatMap(([stream, state]) => {
        if (state.status === 'absent' || state.spans.length === 0) return [];
        const settings = state.status === 'live' ? state.settings : undefined;
        return [{ arn: arnOfStream(stream), settings, spans: state.spans }];
      });
    },
  };
}

/** A trail's stream, as operations and workflows read it. */
export const trailKind: StreamKind<TrailState, TrailEvent> = {
  initial: initialTrail,
  evolve: evolveTrail,
};

/** `trail/<account>/<home Region>/<name>`. */
export function trailStream(trail: { account: string; region: string; name: string }): string {
  return `trail/${trail.account}/${trail.region}/${trail.name}`;
}

function arnOfStream(stream: string): string {
  const [, account = '', region = '', name = ''] = stream.split('/');
  return trailArn({ account, region, name });
}
