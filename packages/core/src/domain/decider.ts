import type { Refusal } from './refusal.ts';

/**
 * A stream's rules. `decide` takes what the caller wants together with the facts that were asked
 * from the outside beforehand, and answers with events or with a refusal. Both functions are pure.
 */
export interface Decider<State, Command, Event, Code extends string> {
  readonly initial: State;
  evolve(state: State, event: Event): State;
  decide(command: Command, state: State): readonly Event[] | Refusal<Code>;
}

/** The state after `events`, starting from `from`. */
export function fold<State, Event>(
  decider: { readonly initial: State; evolve(state: State, event: Event): State },
  events: readonly Event[],
  from: State = decider.initial,
): State {
  return events.reduce((state, event) => decider.evolve(state, event), from);
}
