/** Work that waits for the work before it, also when that failed. */
export interface Turns {
  take(work: () => Promise<void>): Promise<void>;
  /** Resolves when all that was given is over. */
  over(): Promise<void>;
}

export function turns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    take: (work) => {
      const done = last.then(work);
      last = done.catch(() => {});
      return done;
    },
    over: () => last,
  };
}
