import { rowWords } from './entry.ts';
import type { IdIndex } from './id-index.ts';
import { idTable } from './id-table.ts';

/** Collects the ids of the segment being written; when it ends, has them written to a file. */
export interface SegmentIds {
  /** Where the segment that is collected now begins. */
  beginSegment(from: number): void;
  /** Notes the ids in the rows of a durable entry. */
  note(rows: Uint32Array, acceptedAt: number): void;
  /** The segment ends at `to`, where the next one begins. Writing happens in the background. */
  endSegment(to: number): void;
  /** Resolves when what could be written was. */
  settled(): Promise<void>;
}

interface Ended {
  readonly from: number;
  readonly to: number;
  readonly marks: Uint32Array;
  readonly newestAcceptedAt: number;
}

export function segmentIds(index: IdIndex, onTrouble: (error: Error) => void): SegmentIds {
  const ended: Ended[] = [];
  let from = 0;
  let marks = new Uint32Array(1_024 * 3);
  let length = 0;
  let newestAcceptedAt = 0;
  let working: Promise<void> | undefined;

  /** Files are made in the order of the journal; one that fails is tried again at the next end. */
  async function sealAll(): Promise<void> {
    try {
      for (let next = ended[0]; next !== undefined; next = ended[0]) {
        await index.seal(next.from, next.to, next.marks, next.newestAcceptedAt);
        ended.shift();
      }
    } catch (error) {
      onTrouble(error as Error);
    }
    working = undefined;
  }

  return {
    beginSegment(base) {
      from = base;
      length = 0;
    },
    note(rows, acceptedAt) {
      if (length + rows.length > marks.length) {
        const larger = new Uint32Array(2 * marks.length + rows.length);
        larger.set(marks.subarray(0, length));
        marks = larger;
      }
      for (let row = 0; row < rows.length; row += rowWords) {
        marks[length++] = rows[row + 2]!;
        marks[length++] = rows[row + 1]!;
        marks[length++] = rows[row + 3]!;
      }
      newestAcceptedAt = Math.max(newestAcceptedAt, acceptedAt);
    },
    endSegment(to) {
      ended.push({ from, to, marks: sorted(marks.subarray(0, length)), newestAcceptedAt });
      from = to;
      length = 0;
      working ??= sealAll();
    },
    settled: () => working ?? Promise.resolve(),
  };
}

function sorted(marks: Uint32Array): Uint32Array {
  const table = idTable(marks.length / 3);
  for (let i = 0; i < marks.length; i += 3) {
    if (table.find(marks[i]!, marks[i + 1]!) === -1) {
      table.insert(marks[i]!, marks[i + 1]!, marks[i + 2]!);
    }
  }
  const out = new Uint32Array(table.size * 3);
  let at = 0;
  table.forEach((high, low, digest) => {
    out[at++] = high;
    out[at++] = low;
    out[at++] = digest;
  });
  return out;
}
