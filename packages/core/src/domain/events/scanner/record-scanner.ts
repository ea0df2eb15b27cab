import type { EventCategory, RecordFacts, RecordResource } from '../record.ts';
import { internedTexts, type Texts } from './interned-texts.ts';
import { keyBit, slot } from './key-tables.ts';
import { instantiate, type Wasm } from './scanner-program.ts';

/** A record that needs no change, but perhaps the addendum of a late one. */
export interface ScannedRecord {
  /** Where it ends in the bytes that were scanned. */
  readonly end: number;
  readonly hasAddendum: boolean;
  readonly facts: RecordFacts;
}

export interface RecordScanner {
  /** The bytes to scan from now on; they must not change meanwhile. */
  begin(bytes: Buffer): void;
  /** The record that begins at `at`; undefined when it has to be read the plain way. */
  scan(at: number): ScannedRecord | undefined;
}

/**
 * The fast way: some 1.2 KB of JSON in about a microsecond, against 25 for the plain way, which
 * has the last word on everything that the scanner does not take. One scanner is enough for a
 * thread: it holds 2 MiB, and texts that come again and again.
 */
export function recordScanner(): RecordScanner {
  const wasm = instantiate();
  const window: Window = { wasm, bytes: Buffer.alloc(0), from: 0, to: 0 };
  const texts = internedTexts(wasm);
  return {
    begin(bytes) {
      window.bytes = bytes;
      window.from = 0;
      window.to = 0;
    },
    scan(at) {
      const end = scanAt(window, at);
      if (end === 0 || !isComplete(wasm)) return undefined;
      texts.begin();
      const facts = readFacts(wasm, texts);
      if (texts.refused || !hasParameters(wasm, facts)) return undefined;
      return { end, hasAddendum: wasm.words[addendumAt] !== 0, facts };
    },
  };
}

let ofThread: RecordScanner | undefined;

/** The thread's scanner, made when it is first needed. Who scans calls `begin` in the same turn. */
export function threadScanner(): RecordScanner {
  ofThread ??= recordScanner();
  return ofThread;
}

/** Has every field that is filled in where it is missing, whatever kind of record it is? */
function isComplete({ words }: Wasm): boolean {
  return (words[seenAt]! & always) === always;
}

/** The fields that depend on the kind; Insights carry their name elsewhere and go the plain way. */
function hasParameters({ words }: Wasm, { eventCategory, eventType }: RecordFacts): boolean {
  if (eventCategory === 'Insight') return false;
  if (eventCategory === 'NetworkActivity') return true;
  const seen = words[seenAt]!;
  if ((seen & managementEvent) === 0) return false;
  return eventType !== 'AwsApiCall' || (seen & parameters) === parameters;
}

function readFacts(wasm: Wasm, texts: Texts): RecordFacts {
  const { words } = wasm;
  // The shape of eventVersion is checked when it is seen for the first time.
  textAt(words, texts, slot.eventVersion);
  const id = words[slots + 2 * slot.eventID]!;
  const readOnly = slots + 2 * slot.readOnly;
  return {
    eventID: wasm.bytes.toString('latin1', id, id + words[slots + 2 * slot.eventID + 1]!),
    eventTime: wasm.doubles[timeAt]! * 1000,
    eventName: textAt(words, texts, slot.eventName)!,
    eventSource: textAt(words, texts, slot.eventSource)!,
    awsRegion: textAt(words, texts, slot.awsRegion)!,
    recipientAccountId: textAt(words, texts, slot.recipientAccountId)!,
    eventCategory: textAt(words, texts, slot.eventCategory) as EventCategory,
    eventType: textAt(words, texts, slot.eventType)!,
    readOnly: words[readOnly + 1] === 0 ? undefined : words[readOnly] === 1,
    errorCode: textAt(words, texts, slot.errorCode),
    vpcEndpointId: textAt(words, texts, slot.vpcEndpointId),
    sessionCredentialFromConsole: textAt(words, texts, slot.sessionCredentialFromConsole),
    userIdentityArn: textAt(words, texts, slot.userIdentityArn),
    accessKeyId: textAt(words, texts, slot.accessKeyId) || undefined,
    username: textAt(words, texts, slot.username),
    resources: resourcesOf(words, texts),
  };
}

function textAt(words: Int32Array, texts: Texts, slotOf: number): string | undefined {
  const id = words[ids + slotOf]!;
  if (id === -1) return undefined;
  return texts.of(slotOf, words[slots + 2 * slotOf]!, words[slots + 2 * slotOf + 1]!, id);
}

function resourcesOf(words: Int32Array, texts: Texts): readonly RecordResource[] {
  const count = words[resourceCountAt]!;
  if (count === 0) return noResources;
  const resources: RecordResource[] = [];
  for (let i = 0; i < count; i++) {
    resources.push({
      arn: resourceText(words, texts, slot.vpcEndpointId, 2 * i),
      type: resourceText(words, texts, slot.sessionCredentialFromConsole, 2 * i + 1),
    });
  }
  return resources;
}

const noResources: readonly RecordResource[] = Object.freeze([]);

function resourceText(words: Int32Array, texts: Texts, slotOf: number, i: number) {
  const id = words[resourceIds + i]!;
  if (id === -1) return undefined;
  return texts.of(slotOf, words[resourceSlots + 2 * i]!, words[resourceSlots + 2 * i + 1]!, id);
}

const always = [
  'eventVersion',
  'userIdentity',
  'eventTime',
  'eventSource',
  'eventName',
  'awsRegion',
  'eventID',
  'eventType',
  'recipientAccountId',
  'eventCategory',
]
  .map(keyBit)
  .reduce((bits, bit) => bits | bit);
const parameters = keyBit('requestParameters') | keyBit('responseElements');
const managementEvent = keyBit('managementEvent');

/** Places in memory, as scanner.as has them; words are numbered by fours. */
const slots = 1024 / 4;
const ids = (1024 + 256) / 4;
const resourceSlots = (1024 + 512) / 4;
const resourceIds = (1024 + 1024) / 4;
const seenAt = (1024 + 2048) / 4;
const timeAt = (1024 + 2056) / 8;
const resourceCountAt = (1024 + 2064) / 4;
const addendumAt = (1024 + 2068) / 4;
const windowStart = 65_536 + 2 * 524_288;
const windowBytes = 524_288;

/** The part of the bytes that is in WebAssembly's memory. */
interface Window {
  readonly wasm: Wasm;
  bytes: Buffer;
  from: number;
  to: number;
}

function scanAt(window: Window, at: number): number {
  if (at < window.from || at >= window.to) load(window, at);
  let end = window.wasm.exports.scan(windowStart + at - window.from);
  if (end === 0 && window.to < window.bytes.length && at > window.from) {
    // It may only have been cut at the end of the window.
    load(window, at);
    end = window.wasm.exports.scan(windowStart);
  }
  return end === 0 ? 0 : end - windowStart + window.from;
}

function load(window: Window, at: number): void {
  const { bytes } = window.wasm;
  const copied = window.bytes.copy(bytes, windowStart, at, at + windowBytes);
  // Zeros end every string and every value: nothing is read beyond them.
  bytes.fill(0, windowStart + copied, windowStart + copied + 64);
  window.from = at;
  window.to = at + copied;
}
