/**
 * The event history alone: CPU per record added, as it grows; time per page looked up; memory.
 *
 *     npx esbuild bench/history.ts --bundle --platform=node --format=esm --outfile=dist/bench-history.mjs
 *     node dist/bench-history.mjs [records] [folder]
 *
 * Records are those of ../shared/data with their own eventID and eventTime each, up to a minute out
 * of order. What making them costs is measured first and subtracted. Prints JSON lines.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fileHistory } from '../packages/core/src/adapters/embedded/history/file-history.ts';
import type { RecordFacts, RecordSpan } from '../packages/core/src/domain/events/record.ts';
import { factsOf } from '../packages/core/src/domain/events/record-facts.ts';
import type { HistoryAttribute, HistoryQuery } from '../packages/core/src/ports/history.ts';
import type { JournalEntry } from '../packages/core/src/ports/journal.ts';

const recordsMax = Number(process.argv[2] ?? 1_000_000);
const recordsPerEntry = 100;
const entriesPerAdd = 10;
const windowRecords = 100_000;
const lookupsEach = 1_000;
const start = Date.UTC(2026, 8, 1);
/** Ten million records are 81 days. */
const millisecondsPerRecord = 700;

interface Template {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly timeAt: number;
  readonly facts: RecordFacts;
}

const dataDir = join(process.cwd(), '../shared/data');
if (!existsSync(dataDir)) throw new Error(`there are no records in ${dataDir}`);
const templates = readTemplates();
const journal = { start: async () => '0' };
const dir = process.argv[3] ?? mkdtempSync(join(tmpdir(), 'bench-history-'));

async function run(): Promise<void> {
  const making = await cpuPerRecord(0, windowRecords * 3, async () => {});
  let history = await fileHistory(dir, { journal });
  print({ makingMicroseconds: making });
  // A folder from before is filled up, and asked.
  const there = Number((await history.through('shard-0')) ?? 0);
  for (let from = there; from < recordsMax; from += windowRecords) {
    const began = process.hrtime.bigint();
    const records = Math.min(recordsMax, from + windowRecords);
    const cpu = await cpuPerRecord(from, records, (entries, next) =>
      history.add('shard-0', entries, next),
    );
    const wall = Number(process.hrtime.bigint() - began) / 1000 / (records - from);
    if (records <= 500_000 || records % 500_000 === 0) {
      const rss = Math.round(process.memoryUsage().rss / 1e6);
      print({ records, cpuMicroseconds: cpu - making, wallMicroseconds: wall, rssMegabytes: rss });
    }
  }
  for (const [name, attribute] of attributesToAsk()) {
    print({ lookup: name, ...(await timeLookups(history.lookup, attribute)) });
  }
  print({ rssMegabytesAfterLookups: Math.round(process.memoryUsage().rss / 1e6) });
  await history.close();
  const began = process.hrtime.bigint();
  history = await fileHistory(dir, { journal });
  print({ openMilliseconds: Number(process.hrtime.bigint() - began) / 1e6 });
  await history.close();
}

async function cpuPerRecord(
  from: number,
  to: number,
  add: (entries: JournalEntry[], next: string) => Promise<void>,
): Promise<number> {
  const before = process.cpuUsage();
  for (let at = from; at < to; at += recordsPerEntry * entriesPerAdd) {
    const entries: JournalEntry[] = [];
    for (let entry = 0; entry < entriesPerAdd; entry++) {
      entries.push(makeEntry(at + entry * recordsPerEntry));
    }
    await add(entries, positionOf(at + recordsPerEntry * entriesPerAdd));
  }
  const used = process.cpuUsage(before);
  return (used.user + used.system) / (to - from);
}

function positionOf(record: number): string {
  return String(record).padStart(16, '0');
}

/** Recycled, as the journal's buffers are. */
const buffers = Array.from({ length: entriesPerAdd }, () => Buffer.alloc(recordsPerEntry * 40_000));

function makeEntry(first: number): JournalEntry {
  const bytes = buffers[(first / recordsPerEntry) % entriesPerAdd]!;
  const records: RecordSpan[] = [];
  let at = 0;
  for (let record = first; record < first + recordsPerEntry; record++) {
    const template = templates[record % templates.length]!;
    const eventID = idOf(record);
    const eventTime = timeOf(record);
    template.bytes.copy(bytes, at);
    bytes.write(eventID, at + template.idAt, 'latin1');
    bytes.write(new Date(eventTime).toISOString().slice(0, 19), at + template.timeAt, 'latin1');
    const end = at + template.bytes.length;
    records.push({
      start: at,
      end,
      facts: { ...fresh(template.facts, record), eventID, eventTime },
    });
    bytes[end] = 0x2c;
    at = end + 1;
  }
  return {
    position: positionOf(first),
    bytes: bytes.subarray(0, at),
    records,
    statePosition: 0,
    acceptedAt: 0,
  };
}

function idOf(record: number): string {
  const spread = Math.imul(record, 0x9e3779b1) >>> 0;
  const hex = spread.toString(16).padStart(8, '0');
  return `${hex}-0000-4000-8000-${String(record).padStart(12, '0')}`;
}

function timeOf(record: number): number {
  const late = (Math.imul(record, 0x85ebca6b) >>> 0) % 60_000;
  return start + Math.floor((record * millisecondsPerRecord - late) / 1000) * 1000;
}

/** Strings of their own, as a scanner makes them; one resource in four that no other record has. */
function fresh(facts: RecordFacts, record: number): RecordFacts {
  return {
    ...facts,
    eventName: copy(facts.eventName),
    eventSource: copy(facts.eventSource),
    awsRegion: copy(facts.awsRegion),
    recipientAccountId: copy(facts.recipientAccountId),
    accessKeyId: facts.accessKeyId && copy(facts.accessKeyId),
    username: facts.username && copy(facts.username),
    resources: facts.resources.map(({ type, arn }, at) => ({
      type: type && copy(type),
      arn: arn && (record % 4 === 0 && at === 0 ? `${arn}/${record}` : copy(arn)),
    })),
  };
}

const scratch = Buffer.alloc(4096);

function copy(text: string): string {
  return scratch.toString('latin1', 0, scratch.write(text, 'latin1'));
}

function readTemplates(): Template[] {
  const texts = readdirSync(dataDir)
    .filter((name) => name.endsWith('.ndjson.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(dataDir, name)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '');
  return texts.flatMap((text) => {
    const record = JSON.parse(text) as Record<string, unknown>;
    const id = String(record['eventID']);
    const time = String(record['eventTime']);
    record['recipientAccountId'] = '123456789012';
    record['awsRegion'] = 'us-east-1';
    record['eventCategory'] = 'Management';
    const own = JSON.stringify(record);
    const bytes = Buffer.from(own);
    const idAt = bytes.indexOf(`"eventID":"${id}"`) + '"eventID":"'.length;
    const timeAt = bytes.indexOf(`"eventTime":"${time}"`) + '"eventTime":"'.length;
    if (id.length !== 36 || time.length < 20 || bytes.length > 40_000) return [];
    return [{ bytes, idAt, timeAt, facts: factsOf(record, 0) }];
  });
}

type Ask = (record: number) => HistoryQuery['attribute'];

/** A value that a random record has; and ones that no record has. */
function attributesToAsk(): [string, Ask][] {
  const facts = (record: number) => templates[record % templates.length]!.facts;
  const ask = (key: HistoryAttribute, value: (record: number) => string | undefined): Ask => {
    return (record) => ({ key, value: value(record) ?? 'none' });
  };
  return [
    ['none', () => undefined],
    ['EventId', ask('EventId', idOf)],
    ['EventName', ask('EventName', (record) => facts(record).eventName)],
    ['EventSource', ask('EventSource', (record) => facts(record).eventSource)],
    ['ReadOnly', ask('ReadOnly', (record) => String(record % 2 === 0))],
    ['Username', ask('Username', (record) => facts(record).username)],
    ['AccessKeyId', ask('AccessKeyId', (record) => facts(record).accessKeyId)],
    ['ResourceType', ask('ResourceType', (record) => facts(record).resources[0]?.type)],
    ['ResourceName', ask('ResourceName', (record) => facts(record).resources[0]?.arn)],
    ['EventId that is not there', ask('EventId', (record) => idOf(record + 1e9))],
    ['Username that is not there', ask('Username', (record) => `nobody-${record}`)],
  ];
}

/** Milliseconds. Half over all time, half over a random week. */
async function timeLookups(
  lookup: (query: HistoryQuery) => Promise<{ records: readonly string[] }>,
  attributeOf: Ask,
): Promise<Record<string, number>> {
  const times: number[] = [];
  let found = 0;
  const cpuBefore = process.cpuUsage();
  const span = recordsMax * millisecondsPerRecord;
  for (let at = 0; at < lookupsEach; at++) {
    const record = Math.floor(Math.random() * recordsMax);
    const attribute = attributeOf(record);
    const startTime = at % 2 === 0 ? 0 : start + Math.random() * span;
    const endTime = at % 2 === 0 ? start + span : startTime + 7 * 86_400_000;
    const query: HistoryQuery = {
      account: '123456789012',
      region: 'us-east-1',
      category: 'Management',
      startTime,
      endTime,
      limit: 50,
      ...(attribute && { attribute }),
    };
    const began = process.hrtime.bigint();
    const { records } = await lookup(query);
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
    found += records.length;
    if (attribute?.key === 'EventId' && at % 2 === 0 && record < recordsMax) {
      const expected = attribute.value === idOf(record) ? 1 : 0;
      if (records.length !== expected) throw new Error(`${attribute.value} was not found once`);
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1000 / lookupsEach;
  return { cpu, p50: at(0.5), p99: at(0.99), max: times.at(-1)!, recordsEach: found / lookupsEach };
}

function print(figures: Record<string, unknown>): void {
  const short = (_key: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  console.log(JSON.stringify(figures, short));
}

await run();
if (process.argv[3] === undefined) rmSync(dir, { recursive: true });
