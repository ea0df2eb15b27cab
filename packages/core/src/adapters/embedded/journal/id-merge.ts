import { blockMarks, type IdRun, type IdRunWriter, readMarks } from './id-run.ts';

/**
 * Merges sorted runs into a new one, a part at a time: between two parts the process does its other
 * work. A fingerprint that is in several runs is written once.
 */
export async function mergeRuns(runs: readonly IdRun[], writer: IdRunWriter): Promise<void> {
  const cursors = runs.map((run) => ({ run, block: 0, at: 0, marks: new Uint32Array(0) }));
  const part = new Uint32Array(partMarks * 3);
  let filled = 0;
  for (;;) {
    const next = smallest(cursors);
    if (next === undefined) break;
    const { marks, at } = next;
    const again = part[filled - 3] === marks[at] && part[filled - 2] === marks[at + 1];
    if (filled === 0 || !again) {
      part[filled] = marks[at]!;
      part[filled + 1] = marks[at + 1]!;
      part[filled + 2] = marks[at + 2]!;
      filled += 3;
    }
    next.at += 3;
    if (filled === part.length) {
      // The last mark stays for the comparison with the one that follows.
      await writer.add(part.subarray(0, filled - 3));
      part.copyWithin(0, filled - 3, filled);
      filled = 3;
    }
  }
  await writer.add(part.subarray(0, filled));
}

const partMarks = 8_192;

interface Cursor {
  readonly run: IdRun;
  block: number;
  at: number;
  marks: Uint32Array;
}

function smallest(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.at === cursor.marks.length && !refill(cursor)) continue;
    if (best === undefined || isBefore(cursor, best)) best = cursor;
  }
  return best;
}

function isBefore(a: Cursor, b: Cursor): boolean {
  const x = a.marks[a.at]!;
  const y = b.marks[b.at]!;
  return x < y || (x === y && a.marks[a.at + 1]! < b.marks[b.at + 1]!);
}

const blocksAtOnce = 16;

function refill(cursor: Cursor): boolean {
  if (cursor.block * blockMarks >= cursor.run.count) return false;
  cursor.marks = readMarks(cursor.run, cursor.block, blocksAtOnce);
  cursor.block += blocksAtOnce;
  cursor.at = 0;
  return cursor.marks.length > 0;
}
