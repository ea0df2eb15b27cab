import { describe, expect, test } from 'vitest';
import { progressDisplay } from './progress.ts';

describe('progress', () => {
  test('on a terminal is one line that is written over and taken away', () => {
    const { display, written, tick } = shown({ isTTY: true, columns: 100 }, { NO_COLOR: '1' });
    display.update({ phase: 'send', records: 0, bytesRead: 0, bytesTotal: 1000 });
    tick(50);
    display.update({ phase: 'send', records: 1, bytesRead: 1, bytesTotal: 1000 });
    tick(1950);
    display.update({ phase: 'send', records: 24_000, bytesRead: 250, bytesTotal: 1000 });
    display.done();
    expect(written).toEqual([
      '\r\u001b[2K0 records sent, 0%',
      '\r\u001b[2K24,000 records sent, 12,000/s, 25%, 6 s left',
      '\r\u001b[2K',
    ]);
  });

  test('has colour on a terminal that wants it, and never a line that wraps', () => {
    const { display, written } = shown({ isTTY: true, columns: 24 }, {});
    display.update({ phase: 'scan', records: 1_000_000, bytesRead: 1, bytesTotal: 0 });
    expect(written).toEqual(['\r\u001b[2K\u001b[2m1,000,000 records read\u001b[0m']);
  });

  test('elsewhere is a plain line every five seconds', () => {
    const { display, written, tick } = shown({}, {});
    for (let second = 0; second < 12; second++) {
      display.update({ phase: 'send', records: second * 10, bytesRead: 0, bytesTotal: 0 });
      tick(1000);
    }
    display.done();
    expect(written).toEqual(['50 records sent, 10/s\n', '100 records sent, 10/s\n']);
  });
});

function shown(
  terminal: { isTTY?: boolean; columns?: number },
  env: Readonly<Record<string, string>>,
) {
  const written: string[] = [];
  let time = 1000;
  const stream = { ...terminal, write: (text: string) => written.push(text) };
  const display = progressDisplay({ stream, env, now: () => time });
  const tick = (milliseconds: number) => {
    time += milliseconds;
  };
  return { display, written, tick };
}
