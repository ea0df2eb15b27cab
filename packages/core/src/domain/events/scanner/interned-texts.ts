import { shapes } from '../field-shapes.ts';
import type { Wasm } from './scanner-program.ts';

/** Texts that come again and again: the scanner finds their ids, and here are their strings. */
export interface Texts {
  /** A new record begins: the ids that were found are of the texts as they are now. */
  begin(): void;
  /** The text of a slot; undefined for none. `refused` when it has not the slot's shape. */
  of(slot: number, at: number, length: number, id: number): string;
  refused: boolean;
}

export function internedTexts(wasm: Wasm): Texts {
  const tables = [newTable(), newTable()] as const;

  /** A text seen for the first time (or long, or crowded out). */
  function learn(slotOf: number, at: number, length: number): string {
    const text = wasm.bytes.toString('latin1', at, at + length);
    const shape = slotShapes[slotOf];
    if (shape !== undefined && !shape.test(text)) {
      texts.refused = true;
      return text;
    }
    const table = tables[slotOf < firstMany ? 0 : 1];
    if (table.strings.length > textsMax) clear(slotOf, table);
    let added = wasm.exports.addText(slotOf, at, length, table.strings.length, table.bytes);
    if (added === -1) {
      clear(slotOf, table);
      added = wasm.exports.addText(slotOf, at, length, table.strings.length, table.bytes);
    }
    if (added === 1) {
      table.strings.push(text);
      table.bytes += (length + 15) & ~7;
    }
    return text;
  }

  function clear(slotOf: number, table: TextTable): void {
    wasm.exports.clearTexts(slotOf);
    table.strings = [''];
    table.bytes = 0;
  }

  const texts: Texts = {
    refused: false,
    begin() {
      texts.refused = false;
      for (const table of tables) table.found = table.strings;
    },
    of(slotOf, at, length, id) {
      return id > 0 ? tables[slotOf < firstMany ? 0 : 1].found[id]! : learn(slotOf, at, length);
    },
  };
  return texts;
}

interface TextTable {
  /** By id, from 1. */
  strings: string[];
  /** The same, as they were when the record's ids were found. */
  found: string[];
  bytes: number;
}

function newTable(): TextTable {
  return { strings: [''], found: [], bytes: 0 };
}

/** As in scanner.as: slots from this one on are in the second table, of 4,096 places. */
const firstMany = 8;
const textsMax = 3_000;

/** The shapes that the plain way checks, by slot. */
const slotShapes: readonly (RegExp | undefined)[] = [
  shapes.eventVersion,
  shapes.eventSource,
  shapes.eventName,
  shapes.awsRegion,
  shapes.account,
  shapes.eventType,
  shapes.eventCategory,
];
