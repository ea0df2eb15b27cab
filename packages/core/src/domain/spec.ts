import { expect } from 'vitest';
import { type Decider, fold } from './decider.ts';
import { isRefusal } from './refusal.ts';

/** What a decision came to: one of the two is said of it, or the test says nothing. */
export interface Outcome<Event, Code extends string> {
  /** Exactly these events, in this order; none for what changes nothing. */
  emits(...events: readonly Event[]): void;
  /** The exception, and its sentence where clients or people read it. */
  refuses(code: Code, message?: string): void;
}

/** given these events, when this command is decided, then it emits or refuses. */
export function given<State, Command, Event, Code extends string>(
  decider: Decider<State, Command, Event, Code>,
  events: readonly Event[] = [],
): { when(command: Command): Outcome<Event, Code> } {
  return {
    when(command) {
      const answer = decider.decide(command, fold(decider, events));
      return {
        emits(...expected) {
          expect(answer).toEqual(expected);
        },
        refuses(code, message) {
          if (!isRefusal<readonly Event[], Code>(answer)) {
            expect.fail(`expected ${code}, but it emits ${JSON.stringify(answer)}`);
          }
          expect(answer.refused, answer.message).toBe(code);
          if (message !== undefined) expect(answer.message).toBe(message);
        },
      };
    },
  };
}
