/** Steps one after the other: each reads what the one before it wrote. */
export interface Turns {
  readonly stopped: boolean;
  /** Resolves or rejects as the step does, once it was its turn. */
  inTurn<Answer>(step: () => Promise<Answer>): Promise<Answer>;
  /** A step that nobody waits for; after `stop` it is left out. */
  attempt(step: () => Promise<unknown>): void;
  /** Resolves when the step under way and those that were waited for are done. */
  stop(): Promise<void>;
}

export function takingTurns(onFailure: (error: unknown) => void): Turns {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();

  function inTurn<Answer>(step: () => Promise<Answer>): Promise<Answer> {
    const turn = running.then(step);
    running = turn.catch(() => undefined);
    return turn;
  }

  return {
    get stopped() {
      return stopped;
    },
    inTurn,
    attempt(step) {
      if (!stopped) inTurn(async () => (stopped ? undefined : step())).catch(onFailure);
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
