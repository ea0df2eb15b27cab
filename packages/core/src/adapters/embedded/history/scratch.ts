/** Longer than nearly every record. */
const memory = Buffer.allocUnsafeSlow(256 * 1024);

/** At least so many bytes, for one text and no longer than until the next `await`. */
export function scratchFor(bytes: number): Buffer {
  return bytes <= memory.length ? memory : Buffer.allocUnsafeSlow(bytes);
}

/** Of a pool's: longer than most records, as there are many. */
export const scratchBytes = 64 * 1024;

/** Memory for reads under way; who asks for more of them than there may be waits. */
export interface ScratchPool {
  take(): Promise<Buffer>;
  give(scratch: Buffer): void;
}

export function scratchPool(max: number): ScratchPool {
  const free: Buffer[] = [];
  /** As many as lookups are under way, times the records of a page. */
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
