import { folderOf, type LogFileFolder, logFileBytesMax } from '../domain/delivery/log-file.ts';
import type { Route, RouteGroup } from '../domain/delivery/routing.ts';
import type { RecordSpan } from '../domain/events/record.ts';
import type { JournalEntry } from '../ports/journal.ts';
import type { RouteTable } from './route-table.ts';

/** One file's worth of records for every trail that wants exactly these. */
export interface LogFileCut {
  readonly account: string;
  readonly region: string;
  readonly folder: LogFileFolder;
  /** Counts the files of these routes and this folder in one window, from 0. */
  readonly index: number;
  readonly routes: readonly Route[];
  /** Trails that want more or less than these share what they have in common. */
  readonly blocks: readonly RecordBlock[];
}

/** Records of one account, Region and folder that go to the same trails. */
export interface RecordBlock {
  /** Pieces of the journal's bytes, each one or more neighbouring records. */
  readonly pieces: Buffer[];
  readonly firstEventID: string;
  records: number;
  bytes: number;
  oldestEventTime: number;
  newestEventTime: number;
}

/**
 * Sorts a window of the journal into files, asking the table as it stood at each entry. The files
 * of a trail follow from the window alone: a repeated cut gives the same files.
 */
export async function cutLogFiles(
  entries: readonly JournalEntry[],
  table: RouteTable,
  only?: { readonly account: string; readonly region: string },
): Promise<readonly LogFileCut[]> {
  const cells = new Map<readonly RouteGroup[], Map<LogFileFolder, Cell>>();
  for (const entry of entries) {
    await table.advance(entry.statePosition);
    const groupsOf = groupsAt(table);
    for (const span of entry.records) {
      const { recipientAccountId: account, awsRegion: region } = span.facts;
      if (only && (only.account !== account || only.region !== region)) continue;
      const known = groupsOf(account, region);
      const groups = known instanceof Promise ? await known : known;
      const takers = takersOf(groups, span);
      if (takers !== 0) add(cellOf(cells, groups, span), takers, entry.bytes, span);
    }
  }
  return [...cells.values()].flatMap((byFolder) => [...byFolder.values()].flatMap(filesOf));
}

/** What the same groups of trails get of one folder. */
interface Cell {
  readonly account: string;
  readonly region: string;
  readonly folder: LogFileFolder;
  readonly groups: readonly RouteGroup[];
  /** In the order of their first records, each with the groups that take it. */
  readonly blocks: { readonly takers: number; readonly block: RecordBlock }[];
  /** By takers: the block that is being filled. */
  readonly open: Map<number, RecordBlock>;
}

/** A block is compressed as a whole, and a file is made of whole blocks. */
export const blockBytesMax = 3 * 1024 * 1024;

/** Quotas allow five trails of an account and five of its organization; bits allow more. */
const groupsMax = 30;

/** The groups that want the record, a bit for each. */
function takersOf(groups: readonly RouteGroup[], span: RecordSpan): number {
  let takers = 0;
  for (let index = 0; index < groups.length; index += 1) {
    if (groups[index]!.wants(span.facts)) takers |= 1 << index;
  }
  return takers;
}

function cellOf(
  cells: Map<readonly RouteGroup[], Map<LogFileFolder, Cell>>,
  groups: readonly RouteGroup[],
  { facts }: RecordSpan,
): Cell {
  let byFolder = cells.get(groups);
  if (!byFolder) {
    byFolder = new Map();
    cells.set(groups, byFolder);
  }
  const folder = folderOf(facts.eventCategory);
  const known = byFolder.get(folder);
  if (known) return known;
  const { recipientAccountId: account, awsRegion: region } = facts;
  const cell = { account, region, folder, groups, blocks: [], open: new Map() };
  byFolder.set(folder, cell);
  return cell;
}

function add(cell: Cell, takers: number, bytes: Buffer, span: RecordSpan): void {
  const { facts } = span;
  const block = openBlock(cell, takers, span);
  const last = block.pieces.at(-1);
  // Neighbours in the journal are neighbours in the file: the comma between them is copied too.
  if (last && last.buffer === bytes.buffer && endOf(last) + 1 === bytes.byteOffset + span.start) {
    const start = last.byteOffset - bytes.byteOffset;
    block.pieces[block.pieces.length - 1] = bytes.subarray(start, span.end);
  } else {
    block.pieces.push(bytes.subarray(span.start, span.end));
  }
  block.records += 1;
  block.bytes += span.end - span.start + 1;
  block.oldestEventTime = Math.min(block.oldestEventTime, facts.eventTime);
  block.newestEventTime = Math.max(block.newestEventTime, facts.eventTime);
}

function endOf(piece: Buffer): number {
  return piece.byteOffset + piece.length;
}

function openBlock(cell: Cell, takers: number, span: RecordSpan): RecordBlock {
  const open = cell.open.get(takers);
  if (open && open.bytes + span.end - span.start < blockBytesMax) return open;
  const block: RecordBlock = {
    pieces: [],
    firstEventID: span.facts.eventID,
    records: 0,
    bytes: 0,
    oldestEventTime: Number.POSITIVE_INFINITY,
    newestEventTime: Number.NEGATIVE_INFINITY,
  };
  cell.open.set(takers, block);
  cell.blocks.push({ takers, block });
  return block;
}

/** The files of each group: whole blocks, as many as fit. */
function filesOf({ account, region, folder, groups, blocks }: Cell): readonly LogFileCut[] {
  return groups.flatMap(({ routes }, group) => {
    const mine = blocks.flatMap(({ takers, block }) => (takers & (1 << group) ? [block] : []));
    return packed(mine).map((file, index) => ({
      account,
      region,
      folder,
      index,
      routes,
      blocks: file,
    }));
  });
}

function packed(blocks: readonly RecordBlock[]): readonly (readonly RecordBlock[])[] {
  const files: RecordBlock[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const block of blocks) {
    if (bytes + block.bytes > logFileBytesMax) {
      files.push([]);
      bytes = 0;
    }
    files.at(-1)?.push(block);
    bytes += block.bytes;
  }
  return files;
}

/** Answers at once for an account and Region that was asked for before, as nearly all are. */
function groupsAt(table: RouteTable) {
  const known = new Map<string, Map<string, readonly RouteGroup[]>>();
  return (account: string, region: string) => {
    const found = known.get(account)?.get(region);
    if (found) return found;
    return table.groups(account, region).then((groups) => {
      if (groups.length > groupsMax) throw new Error(`${groups.length} kinds of trails at once`);
      known.set(account, (known.get(account) ?? new Map()).set(region, groups));
      return groups;
    });
  };
}
