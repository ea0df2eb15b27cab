import { describe, expect, test } from 'vitest';
import { type PageSlots, pageSlots, type SlotTable } from './page-slots.ts';

const pageBytes = 64 * 1024;
const slotsMax = 16;

describe('slots for pages', () => {
  const slots = () => pageSlots(pageBytes, slotsMax * pageBytes);

  test('as many pages stay as there are slots, each with its own bytes', () => {
    const own = slots();
    const table: SlotTable = new Uint16Array(100);
    for (let page = 0; page < 100; page++) enterPage(own, table, page);
    const here = pagesHere(own, table);
    expect(here).toHaveLength(slotsMax);
    for (const page of here) {
      const slot = own.get(table, page)!;
      expect(slot.start).toBe(page * pageBytes);
      expect([slot.u32[0], slot.u32.at(-1)]).toEqual([page, page]);
    }
  });

  test('a page that is asked for stays while others come', () => {
    const own = slots();
    const table: SlotTable = new Uint16Array(100);
    for (let page = 0; page < 100; page++) {
      enterPage(own, table, page);
      expect(own.get(table, 3) !== undefined).toBe(page >= 3);
    }
  });

  test('a slot that was taken and never entered answers for no page', () => {
    const own = slots();
    const table: SlotTable = new Uint16Array(100);
    for (let page = 0; page < slotsMax; page++) enterPage(own, table, page);
    own.take().u32.fill(1000);
    const here = pagesHere(own, table);
    expect(here).toHaveLength(slotsMax - 1);
    for (const page of here) expect(own.get(table, page)!.u32[0]).toBe(page);
  });

  test('pages of a table that is cleared are gone, and no other table’s', () => {
    const own = slots();
    const gone: SlotTable = new Uint16Array(100);
    const kept: SlotTable = new Uint16Array(100);
    for (let page = 0; page < 8; page++) {
      enterPage(own, gone, page);
      enterPage(own, kept, page);
    }
    own.clear(gone);
    expect(pagesHere(own, gone)).toEqual([]);
    expect(pagesHere(own, kept)).toHaveLength(8);
    for (let page = 8; page < 100; page++) enterPage(own, kept, page);
    expect(pagesHere(own, gone)).toEqual([]);
    expect(pagesHere(own, kept)).toHaveLength(slotsMax);
  });
});

function enterPage(slots: PageSlots, table: SlotTable, page: number): void {
  const slot = slots.take();
  slot.u32.fill(page);
  slots.enter(slot, table, page, page * pageBytes);
}

function pagesHere(slots: PageSlots, table: SlotTable): number[] {
  return [...table.keys()].filter((page) => slots.get(table, page) !== undefined);
}
