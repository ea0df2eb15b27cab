import { segmentPath } from './catalogue.ts';
import { type Columns, columnsOf, type Head } from './head.ts';
import { sealHead } from './seal.ts';
import type { Segment } from './segment-format.ts';

/** Makes segments of heads in the background, one head at a time. */
export interface Sealer {
  /** The head that becomes a segment; it is searched until it is one. */
  head(): Head | undefined;
  /** After `finish` only: there is room for one. */
  begin(head: Head): void;
  /**
   * Resolves when no head waits; rejects when the disk did not take it: the next call tries again.
   */
  finish(): Promise<void>;
  /** The memory of a head that became a segment, once. */
  takeSpare(): Columns | undefined;
}

export function headSealer(dir: string, sealed: (segment: Segment, head: Head) => void): Sealer {
  const scratch = { bytes: Buffer.from(new ArrayBuffer(0)) };
  let waiting: Head | undefined;
  let spare: Columns | undefined;
  let work: Promise<void> = Promise.resolve();
  let failure: unknown;

  function start(head: Head): void {
    failure = undefined;
    work = seal(head).catch((error: unknown) => {
      failure = error;
    });
  }

  async function seal(head: Head): Promise<void> {
    const segment = await sealHead(head, segmentPath(dir, head), scratch);
    waiting = undefined;
    spare = columnsOf(head);
    sealed(segment, head);
    await head.records.close();
  }

  return {
    head: () => waiting,
    begin: (head) => {
      waiting = head;
      start(head);
    },
    finish: async () => {
      await work;
      if (waiting === undefined) return;
      start(waiting);
      await work;
      if (waiting !== undefined) throw failure;
    },
    takeSpare: () => {
      const taken = spare;
      spare = undefined;
      return taken;
    },
  };
}
