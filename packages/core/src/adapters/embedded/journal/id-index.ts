import * as fs from 'node:fs';
import { join } from 'node:path';
import { candidates } from './id-bloom.ts';
import { mergeRuns } from './id-merge.ts';
import {
  blockMarks,
  closeIdRun,
  findInRun,
  type IdRun,
  type IdRunHead,
  type IdRunWriter,
  openIdRun,
  rangeOf,
  readMarks,
  runName,
  writeIdRun,
} from './id-run.ts';
import { type IdTable, idTable } from './id-table.ts';
import { type JournalError, journalError } from './journal-error.ts';

/**
 * Which ids the journal holds, exactly: those of the newest segments in memory, older ones in
 * sorted files that are merged eight at a time. Files whose records were all accepted more than 90
 * days before the newest are dropped: LookupEvents' history ends there too.
 */
export interface IdIndex {
  /**
   * For each of the marks (three words each) the digest that came with its id, or -1, as far as
   * files know it. Good until the next call. Ask `find` too: it knows the newest.
   */
  findOlder(marks: Uint32Array, count: number): Float64Array;
  /** The digest that came with the id, or -1, as far as it is in memory. */
  find(high: number, low: number): number;
  insert(high: number, low: number, digest: number): void;
  /** Takes back an insert whose record was not stored. */
  delete(high: number, low: number): void;
  /** Up to which position of the journal all ids are in files. */
  readonly sealed: number;
  /**
   * Writes the ids of the entries from `from` up to `to`, which are in memory, to a file: sorted
   * marks of three words. Then merges and drops files as due.
   */
  seal(from: number, to: number, marks: Uint32Array, newestAcceptedAt: number): Promise<void>;
  close(): void;
}

/** `oldestSegment`: from there on, a damaged file can be made anew from the segments. */
export function openIdIndex(folder: string, oldestSegment: number): IdIndex {
  const runs = openRuns(folder, oldestSegment);
  const inMemory = runs.filter(({ level }) => level === 0);
  const table = idTable(inMemory.reduce((sum, { count }) => sum + count, 0));
  for (const run of inMemory) loadRun(table, run);
  const state: State = { folder, table, runs };
  return {
    findOlder: (marks, count) => findOlder(state, marks, count),
    find: (high, low) => state.table.find(high, low),
    insert: (high, low, digest) => state.table.insert(high, low, digest),
    delete: (high, low) => state.table.delete(high, low),
    get sealed() {
      return sealedUpTo(state);
    },
    seal: (from, to, marks, newestAcceptedAt) => seal(state, from, to, marks, newestAcceptedAt),
    close: () => state.runs.forEach(closeIdRun),
  };
}

interface State {
  readonly folder: string;
  readonly table: IdTable;
  /** In the order of the journal, without gaps. */
  runs: readonly IdRun[];
}

let olderDigests = new Float64Array(1_024);
let numbers = new Int32Array(1_024);

function findOlder({ table, runs }: State, marks: Uint32Array, count: number): Float64Array {
  if (olderDigests.length < count) {
    olderDigests = new Float64Array(count);
    numbers = new Int32Array(count);
  }
  table.touch(marks, count);
  olderDigests.fill(-1, 0, count);
  for (const run of runs) {
    if (run.level === 0) continue;
    const found = candidates(run.bloom, marks, count, numbers);
    for (let i = 0; i < found; i++) {
      const n = numbers[i]!;
      const digest = findInRun(run, marks[n * 3]!, marks[n * 3 + 1]!);
      if (digest !== -1) olderDigests[n] = digest;
    }
  }
  return olderDigests;
}

const mergeFanIn = 8;
const keptMilliseconds = 90 * 24 * 3_600_000;

function openRuns(folder: string, oldestSegment: number): readonly IdRun[] {
  const names = fs.readdirSync(folder);
  for (const name of names) if (name.endsWith('.run.new')) fs.unlinkSync(join(folder, name));
  // Of the files that begin at one place the longest comes first: the others are parts of it,
  // left over when the process ended between a merge and the removal of what was merged.
  const ranges = names
    .filter((name) => name.endsWith('.run'))
    .map((name) => ({ path: join(folder, name), ...rangeOf(name) }))
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const runs: IdRun[] = [];
  let made = true;
  try {
    for (const { path, from, to } of ranges) {
      const last = runs[runs.length - 1];
      if (last !== undefined && made && from > last.to) {
        if (last.to < oldestSegment) throw journalError('JournalCorrupt', `${path} follows a gap.`);
        made = false;
      }
      if (made && to > (last?.to ?? -1)) {
        const run = openUnlessDamaged(path, from >= oldestSegment);
        made = run !== undefined;
        if (run !== undefined) runs.push(run);
      }
      if (runs[runs.length - 1]?.path !== path) fs.unlinkSync(path);
    }
  } catch (error) {
    runs.forEach(closeIdRun);
    throw error;
  }
  return runs;
}

function openUnlessDamaged(path: string, replaceable: boolean): IdRun | undefined {
  try {
    return openIdRun(path);
  } catch (error) {
    if (replaceable && (error as JournalError).code === 'JournalCorrupt') return undefined;
    throw error;
  }
}

function loadRun(table: IdTable, run: IdRun): void {
  for (let block = 0; block * blockMarks < run.count; block += 64) {
    const marks = readMarks(run, block, 64);
    for (let i = 0; i < marks.length; i += 3) {
      if (table.find(marks[i]!, marks[i + 1]!) === -1) {
        table.insert(marks[i]!, marks[i + 1]!, marks[i + 2]!);
      }
    }
  }
}

function sealedUpTo({ runs }: State): number {
  return runs[runs.length - 1]?.to ?? 0;
}

async function seal(
  state: State,
  from: number,
  to: number,
  marks: Uint32Array,
  newestAcceptedAt: number,
): Promise<void> {
  // When it is tried again after a merge that failed, the file is there.
  if (sealedUpTo(state) < to) {
    const path = join(state.folder, runName(from, to));
    const head = { path, level: 0, newestAcceptedAt, countMax: marks.length / 3 };
    const run = await makeRun(head, (writer) => writer.add(marks));
    state.runs = [...state.runs, run];
  }
  for (let due = dueMerge(state.runs); due !== undefined; due = dueMerge(state.runs)) {
    await merge(state, due);
  }
  dropOld(state, newestAcceptedAt);
}

/** The oldest eight neighbours of one level; small ones first, so that memory is freed first. */
function dueMerge(runs: readonly IdRun[]): readonly IdRun[] | undefined {
  const levels = [...new Set(runs.map(({ level }) => level))].sort((a, b) => a - b);
  for (const level of levels) {
    const same = runs.filter((run) => run.level === level);
    if (same.length >= mergeFanIn) return same.slice(0, mergeFanIn);
  }
  return undefined;
}

async function merge(state: State, parts: readonly IdRun[]): Promise<void> {
  const first = parts[0]!;
  const last = parts[parts.length - 1]!;
  const head: IdRunHead = {
    path: join(state.folder, runName(first.from, last.to)),
    level: first.level + 1,
    newestAcceptedAt: Math.max(...parts.map((run) => run.newestAcceptedAt)),
    countMax: parts.reduce((sum, run) => sum + run.count, 0),
  };
  const merged = await makeRun(head, (writer) => mergeRuns(parts, writer));
  state.runs = state.runs.flatMap((run) =>
    run === first ? [merged] : parts.includes(run) ? [] : [run],
  );
  if (first.level === 0) await unloadRun(state.table, merged);
  for (const run of parts) {
    closeIdRun(run);
    await fs.promises.unlink(run.path);
  }
}

async function makeRun(
  head: IdRunHead,
  fill: (writer: IdRunWriter) => Promise<void>,
): Promise<IdRun> {
  const writer = await writeIdRun(head);
  try {
    await fill(writer);
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Takes the ids out of memory, a few at a time; until the last is out they are known twice. */
async function unloadRun(table: IdTable, run: IdRun): Promise<void> {
  for (let block = 0; block * blockMarks < run.count; block += 16) {
    const marks = readMarks(run, block, 16);
    for (let i = 0; i < marks.length; i += 3) table.delete(marks[i]!, marks[i + 1]!);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function dropOld(state: State, newestAcceptedAt: number): void {
  const old = (run: IdRun) =>
    run.level > 0 && run.newestAcceptedAt < newestAcceptedAt - keptMilliseconds;
  for (const run of state.runs.filter(old)) {
    closeIdRun(run);
    fs.unlinkSync(run.path);
  }
  state.runs = state.runs.filter((run) => !old(run));
}
