/**
 * Memory for pages of one size, used again and again: a page that comes takes the place of one that
 * was not asked for lately. It grows up to its bound and stays; a lookup allocates nothing.
 */
export interface PageSlots {
  /** The slot of the page, if it has one. Its bytes are the page's until `take` is called. */
  get(table: SlotTable, page: number): Slot | undefined;
  /** A slot to fill with another page. It is nobody's until `enter`, and never if that is not. */
  take(): Slot;
  enter(slot: Slot, table: SlotTable, page: number, start: number): void;
  /** No page of the table has a slot any more. */
  clear(table: SlotTable): void;
}

/** Of one file, by page: the number of its slot plus one; zero where it has none. */
export type SlotTable = Uint16Array;

export interface Slot {
  readonly number: number;
  /** As long as a page; the last one of a file can be shorter, and has other bytes behind it. */
  readonly bytes: Buffer<ArrayBuffer>;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  /** Where the page begins in the file. */
  start: number;
  table: SlotTable | undefined;
  page: number;
  /** Whether it was asked for since the hand came by. */
  isRecent: boolean;
}

/** What it grows by. */
const blockBytes = 1024 * 1024;

/** `bytesMax` is a multiple of a MiB, for fewer than 65,536 pages; pages divide a MiB. */
export function pageSlots(pageBytes: number, bytesMax: number): PageSlots {
  const slots: Slot[] = [];
  const slotsMax = bytesMax / pageBytes;
  let used = 0;
  let hand = 0;

  function take(): Slot {
    if (used === slots.length && used < slotsMax) addBlock(slots, pageBytes);
    if (used < slots.length) return slots[used++]!;
    const slot = leastRecent();
    if (slot.table !== undefined) slot.table[slot.page] = 0;
    slot.table = undefined;
    return slot;
  }

  /** The hand goes round, past what was asked for since it came by. */
  function leastRecent(): Slot {
    for (let passed = 0; passed < slotsMax; passed++) {
      const slot = slots[hand]!;
      hand = (hand + 1) % slotsMax;
      if (!slot.isRecent) return slot;
      slot.isRecent = false;
    }
    const slot = slots[hand]!;
    hand = (hand + 1) % slotsMax;
    return slot;
  }

  return {
    take,
    get: (table, page) => {
      const entry = table[page]!;
      if (entry === 0) return undefined;
      const slot = slots[entry - 1]!;
      slot.isRecent = true;
      return slot;
    },
    enter: (slot, table, page, start) => {
      Object.assign(slot, { table, page, start, isRecent: false });
      table[page] = slot.number + 1;
    },
    clear: (table) => {
      for (const slot of slots) {
        if (slot.table === table) Object.assign(slot, { table: undefined, isRecent: false });
      }
      table.fill(0);
    },
  };
}

function addBlock(slots: Slot[], pageBytes: number): void {
  const block = new ArrayBuffer(blockBytes);
  for (let at = 0; at < blockBytes; at += pageBytes) {
    slots.push({
      number: slots.length,
      bytes: Buffer.from(block, at, pageBytes),
      u32: new Uint32Array(block, at, pageBytes / 4),
      f64: new Float64Array(block, at, pageBytes / 8),
      start: 0,
      table: undefined,
      page: 0,
      isRecent: false,
    });
  }
}
