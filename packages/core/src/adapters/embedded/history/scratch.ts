/** Longer than nearly every record. */
export const scratchBytes = 256 * 1024;

const memory = Buffer.allocUnsafeSlow(scratchBytes);

/** At least so many bytes, for one text and no longer than until the next `await`. */
export function scratchFor(bytes: number): Buffer {
  return bytes <= scratchBytes ? memory : Buffer.allocUnsafeSlow(bytes);
}

/** Memory for reads under way, `scratchBytes` each; who asks for more than there is waits. */
export interface ScratchPool {
  take(): Promise<Buffer>;
  give(scratch: Buffer): void;
}

export function scratchPool(max: number): ScratchPool {
  const free: Buffer[] = [];
  /** As many as lookups are under way, times the few that one of them asks for. */
  const waiting: ((scratch: Buffer) => void)[] = [];
  let made = 0;

  function make(): Buffer | undefined {
    if (made === max) return undefined;
    made += 1;
    return Buffer.allocUnsafeSlow(scratchBytes);
  }

  return {
    take: async () => {
      const scratch = free.pop() ?? make();
      return scratch ?? new Promise((resolve) => waiting.push(resolve));
    },
    give: (scratch) => {
      const next = waiting.shift();
      if (next === undefined) free.push(scratch);
      else next(scratch);
    },
  };
}
