import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serviceClock } from './clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the service clock', () => {
  test('goes by the host until it is set, and ticks on from there', () => {
    const host = hostClock(1_000_000);
    const clock = serviceClock(undefined, { host: host.now });
    expect(clock.now()).toBe(1_000_000);
    expect(clock.set(Date.UTC(2030, 0, 1))).toBeUndefined();
    host.tick(1500);
    expect(clock.now()).toBe(Date.UTC(2030, 0, 1) + 1500);
    clock.advance(-0.5);
    expect(clock.now()).toBe(Date.UTC(2030, 0, 1) + 1000);
    clock.real();
    expect(clock.now()).toBe(1_001_500);
  });

  test('keeps its offset over a restart', () => {
    const host = hostClock(5_000_000);
    const file = join(folder, 'deep', 'clock.json');
    serviceClock(file, { host: host.now }).advance(3600);
    expect(serviceClock(file, { host: host.now }).now()).toBe(8_600_000);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['clock.json']);
  });

  test('starts at the initial time unless the file knows another', () => {
    const host = hostClock(5_000_000);
    const file = join(folder, 'clock.json');
    const options = { host: host.now, initial: 100 };
    const clock = serviceClock(file, options);
    expect(clock.now()).toBe(100);
    clock.set(7);
    expect(serviceClock(file, options).now()).toBe(7);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, Date.UTC(2262, 5, 1), 1e300])(
    'cannot be set to %d',
    (time) => {
      const clock = serviceClock(undefined, { host: () => 1 });
      expect(clock.set(time)).toMatchObject({ refused: 'InvalidClock' });
      expect(clock.advance(time === -1 ? -1 : time)).toMatchObject({ refused: 'InvalidClock' });
      expect(clock.now()).toBe(1);
    },
  );

  test('tells its listeners, after the change, until they stop listening', () => {
    const clock = serviceClock(undefined, { host: () => 10 });
    const seen: number[] = [];
    const stop = clock.onChange(() => seen.push(clock.now()));
    clock.set(20);
    clock.set(-5);
    stop();
    clock.set(30);
    expect(seen).toEqual([20]);
  });

  test('stands still while the host is stepped back', () => {
    const host = hostClock(1000);
    const clock = serviceClock(undefined, { host: host.now });
    clock.now();
    host.tick(-200);
    expect(clock.now()).toBe(1000);
    host.tick(300);
    expect(clock.now()).toBe(1100);
  });

  test.each(['', 'null', '{}', '{"offsetMilliseconds":1.5}', '{"offsetMilliseconds":"1"}'])(
    'does not guess when its file holds %j',
    (text) => {
      const file = join(folder, 'clock.json');
      writeFileSync(file, text);
      expect(() => serviceClock(file)).toThrow(/does not hold the clock's offset/);
    },
  );
});

function hostClock(start: number) {
  let time = start;
  return {
    now: () => time,
    tick: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}
