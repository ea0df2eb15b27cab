import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
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
  readonly firstEventID: string;
  readonly routes: readonly Route[];
  /** Pieces of the journal's bytes, each one or more neighbouring records. */
  readonly pieces: Buffer[];
  records: number;
  bytes: number;
  oldestEventTime: number;
  newestEventTime: number;
}

/** Sorts a window of the journal into files, asking the table as it stood at each entry. */
export async function cutLogFiles(
  entries: readonly JournalEntry[],
  table: RouteTable,
  only?: { readonly arn: string; readonly account: string; readonly region: string },
): Promise<readonly LogFileCut[]> {
  const cutting: Cutting = { cuts: [], open: new Map() };
  for (const entry of entries) {
    await table.advance(entry.statePosition);
    const groupsOf = groupsAt(table, only?.arn);
    for (const span of entry.records) {
      const { recipientAccountId: account, awsRegion: region } = span.facts;
      if (only && (only.account !== account || only.region !== region)) continue;
      const known = groupsOf(account, region);
      const groups = known instanceof Promise ? await known : known;
      for (const group of groups) {
        if (group.wants(span.facts)) add(cutting, entry.bytes, span, group);
      }
    }
  }
  return cutting.cuts;
}

interface Cutting {
  readonly cuts: LogFileCut[];
  readonly open: Map<RouteGroup, Map<LogFileFolder, LogFileCut>>;
}

function add(cutting: Cutting, bytes: Buffer, span: RecordSpan, group: RouteGroup): void {
  const { facts } = span;
  const cut = openCut(cutting, span, group);
  const last = cut.pieces.at(-1);
  // Neighbours in the journal are neighbours in the file: the comma between them is copied too.
  if (last && last.buffer === bytes.buffer && endOf(last) + 1 === bytes.byteOffset + span.start) {
    cut.pieces[cut.pieces.length - 1] = bytes.subarray(
      last.byteOffset - bytes.byteOffset,
      span.end,
    );
  } else {
    cut.pieces.push(bytes.subarray(span.start, span.end));
  }
  cut.records += 1;
  cut.bytes += span.end - span.start + 1;
  cut.oldestEventTime = Math.min(cut.oldestEventTime, facts.eventTime);
  cut.newestEventTime = Math.max(cut.newestEventTime, facts.eventTime);
}

function endOf(piece: Buffer): number {
  return piece.byteOffset + piece.length;
}

function openCut(cutting: Cutting, span: RecordSpan, group: RouteGroup): LogFileCut {
  const { recipientAccountId: account, awsRegion: region, eventCategory } = span.facts;
  const folder = folderOf(eventCategory);
  let byFolder = cutting.open.get(group);
  if (!byFolder) {
    byFolder = new Map();
    cutting.open.set(group, byFolder);
  }
  const open = byFolder.get(folder);
  if (open && open.bytes + span.end - span.start < logFileBytesMax) return open;
  const cut: LogFileCut = {
    account,
    region,
    folder,
    index: (open?.index ?? -1) + 1,
    firstEventID: span.facts.eventID,
    routes: group.routes,
    pieces: [],
    records: 0,
    bytes: 0,
    oldestEventTime: Number.POSITIVE_INFINITY,
    newestEventTime: Number.NEGATIVE_INFINITY,
  };
  byFolder.set(folder, cut);
  cutting.cuts.push(cut);
  return cut;
}

/** The file's bytes before compression: `{"Records":[...]}` and nothing else. */
export function logFileDocument(cut: LogFileCut): Buffer {
  const parts: Buffer[] = [opening];
  cut.pieces.forEach((piece, index) => {
    if (index > 0) parts.push(comma);
    parts.push(piece);
  });
  return Buffer.concat([...parts, closing]);
}

const opening = Buffer.from('{"Records":[');
const comma = Buffer.from(',');
const closing = Buffer.from(']}');
const gzipAsync = promisify(gzip);

/** One gzip member. Level 1 costs half of level 6 for a fifth more bytes (bench/delivery). */
export async function compressLogFile(document: Buffer): Promise<{ body: Buffer; hash: string }> {
  const compressed = gzipAsync(document, { level: 1 });
  const hash = createHash('sha256').update(document).digest('hex');
  return { body: await compressed, hash };
}

/** Answers at once for an account and Region that was asked for before, as nearly all are. */
function groupsAt(table: RouteTable, arn: string | undefined) {
  const known = new Map<string, Map<string, readonly RouteGroup[]>>();
  return (account: string, region: string) => {
    const found = known.get(account)?.get(region);
    if (found) return found;
    return table.groups(account, region).then((groups) => {
      const wanted = arn === undefined ? groups : groups.flatMap((group) => onlyRoute(group, arn));
      known.set(account, (known.get(account) ?? new Map()).set(region, wanted));
      return wanted;
    });
  };
}

function onlyRoute(group: RouteGroup, arn: string): readonly RouteGroup[] {
  const routes = group.routes.filter((route) => route.arn === arn);
  return routes.length > 0 ? [{ ...group, routes }] : [];
}
