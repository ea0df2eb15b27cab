import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEventsEndpoint } from './events-endpoint.fixture.ts';
import { complaints, summary } from './replay-command.ts';
import { type ReplayOptions, replayExitCode, replayFiles } from './replay-files.ts';

let folder: string;
let server: Awaited<ReturnType<typeof startEventsEndpoint>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  server = await startEventsEndpoint();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('replay', () => {
  test('sends the records of all files, in batches, and says what became of them', async () => {
    write('a.ndjson', lines(records(1200)));
    write('b.json.gz', gzipSync(JSON.stringify({ Records: records(30, 'b') })));
    const result = await replay();
    expect(result).toEqual({
      sent: 1230,
      accepted: 1230,
      duplicates: 0,
      rejected: 0,
      files: 2,
      rejections: [],
      unreadable: [],
      shiftMilliseconds: 0,
    });
    expect(server.state.requests.map((request) => request.records).sort()).toEqual([230, 500, 500]);
    expect(replayExitCode(result)).toBe(0);
    expect(summary(result)).toBe(
      '1230 records of 2 files sent: 1230 accepted, 0 duplicates, 0 rejected.',
    );
  });

  test('repeated, finds everything there, also records without eventID', async () => {
    write('a.ndjson', lines([{ eventName: 'A' }, { eventName: 'A' }, { eventID: 'x' }]));
    expect(await replay()).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(await replay()).toMatchObject({ accepted: 0, duplicates: 3, rejected: 0 });
  });

  test('keeps requests under 4 MB, and a few of them in flight', async () => {
    const big = records(60).map((record) => ({ ...record, filler: 'x'.repeat(240_000) }));
    write('a.ndjson', lines(big));
    expect(await replay()).toMatchObject({ accepted: 60 });
    const { requests, inFlightMost } = server.state;
    expect(Math.max(...requests.map((request) => request.bytes))).toBeLessThan(4_200_000);
    expect(inFlightMost).toBeLessThanOrEqual(4);
  });

  test('moves all eventTimes so that the newest is the server’s present', async () => {
    const times = ['2020-01-01T00:00:00Z', '2020-01-03T12:00:00Z', '2020-01-02T00:00:00Z'];
    write('a.ndjson', lines(times.map((eventTime, n) => ({ eventID: `e${n}`, eventTime }))));
    await replay({ shiftTo: 'now' });
    const shifted = [...server.state.records.values()].map((record) => record.eventTime);
    expect(shifted).toEqual([
      '2029-12-29T12:00:00Z',
      '2030-01-01T00:00:00Z',
      '2029-12-30T12:00:00Z',
    ]);
    const again = await replay({ shiftTo: Date.UTC(2031, 0, 1), newIds: true });
    expect(again).toMatchObject({ accepted: 3, shiftMilliseconds: 346_939_200_000 });
  });

  test('makes an account the recipient', async () => {
    write('a.ndjson', lines(records(3)));
    await replay({ account: '999999999999' });
    const recipients = [...server.state.records.values()].map((r) => r.recipientAccountId);
    expect(recipients).toEqual(Array(3).fill('999999999999'));
  });

  test('names the records that were rejected, by the server or before', async () => {
    write(
      'a.ndjson',
      `${lines(records(2))}{"broken\n${lines([{ eventID: 'b', eventName: 'Bad' }])}`,
    );
    const result = await replay();
    expect(result).toMatchObject({ sent: 3, accepted: 2, rejected: 2 });
    expect(complaints(result).sort()).toEqual([
      `${join(folder, 'a.ndjson')}:2: InvalidJson: The record is not valid JSON.`,
      `${join(folder, 'a.ndjson')}:3: InvalidField: Bad it is.`,
    ]);
    expect(replayExitCode(result)).toBe(1);
  });

  test('lists twenty rejected records and counts the rest', async () => {
    write('a.ndjson', lines(records(50).map((record) => ({ ...record, eventName: 'Bad' }))));
    const result = await replay();
    expect(result.rejections).toHaveLength(20);
    expect(complaints(result).at(-1)).toBe('30 more were rejected.');
  });

  test('goes on with the other files when one cannot be read', async () => {
    write('a.json', '{"Records":[{"eventID":"1"},');
    write('b.json', '{"Records":[{"eventID":"2"}]}');
    const result = await replay();
    expect(result).toMatchObject({ accepted: 2, unreadable: [{ file: join(folder, 'a.json') }] });
    expect(replayExitCode(result)).toBe(2);
  });

  test('reports progress up to the end', async () => {
    write('a.ndjson', lines(records(1000)));
    const seen: { records: number; bytesRead: number; bytesTotal: number }[] = [];
    await replay({ onProgress: (progress) => seen.push({ ...progress }) });
    const { records: sent, bytesRead, bytesTotal } = seen.at(-1)!;
    expect([sent, bytesRead]).toEqual([1000, bytesTotal]);
  });
});

describe('replay in trouble', () => {
  test('repeats what was refused for now, or never answered', async () => {
    write('a.ndjson', lines(records(10)));
    server.state.failures.push(
      { status: 503, body: '{"__type":"ServiceUnavailable","message":"Not yet."}' },
      'reset',
      { status: 400, body: '{"__type":"ThrottlingException","message":"Slowly."}' },
    );
    const waited: number[] = [];
    const wait = async (milliseconds: number) => void waited.push(milliseconds);
    expect(await replay({ wait })).toMatchObject({ accepted: 10, rejected: 0 });
    expect(waited).toHaveLength(3);
    expect(waited.every((milliseconds) => milliseconds >= 100 && milliseconds <= 5000)).toBe(true);
  });

  test('gives up after eight attempts', async () => {
    write('a.ndjson', lines(records(10)));
    const failure = { status: 503, body: '{"__type":"ServiceUnavailable","message":"Not yet."}' };
    server.state.failures.push(...Array(8).fill(failure));
    const result = await replay({ wait: async () => undefined });
    expect(result).toMatchObject({ sent: 0, stopped: { code: 'ServiceUnavailable' } });
    expect(server.state.failures).toEqual([]);
    expect(replayExitCode(result)).toBe(2);
  });

  test('stops at once at a refusal that will not change', async () => {
    write('a.ndjson', lines(records(5000)));
    server.state.failures.push(
      ...Array(9).fill({ status: 403, body: '{"__type":"AccessDenied"}' }),
    );
    expect(await replay()).toMatchObject({ sent: 0, stopped: { code: 'AccessDenied' } });
    expect(server.state.failures.length).toBeGreaterThanOrEqual(8);
  });

  test.each(['', '<html>', '{"accepted":1}', '[]'])('knows that %j is no answer', async (body) => {
    write('a.ndjson', lines(records(1)));
    server.state.failures.push({ status: 200, body });
    const result = await replay();
    expect(result.stopped?.message).toMatch(/is not Trailkeep/);
  });

  test('says at once that nobody is there', async () => {
    write('a.ndjson', lines(records(5000)));
    await server.close();
    const wait = () => Promise.reject(new Error('it waited'));
    for (const shiftTo of [undefined, 'now'] as const) {
      const result = await replay({ wait, shiftTo });
      expect(result.stopped).toMatchObject({ code: 'ECONNREFUSED' });
      expect(result.stopped?.message).toMatch(/Is trailkeep serving there\?$/);
    }
  });

  test('says that there is nothing to send', async () => {
    const result = await replay({ files: [join(folder, 'none.json')] });
    expect(result).toMatchObject({ files: 0, unreadable: [{ message: /ENOENT/ }] });
    expect(replayExitCode(result)).toBe(2);
  });
});

const recorded = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const present = existsSync(recorded);
if (!present)
  console.warn('replay of recorded data did not run: the data is not beside the checkout');

describe.runIf(present)('replay of recorded data', () => {
  test('sends every line of real trails', async () => {
    const result = await replay({ files: [join(recorded, '*.ndjson.gz')], shiftTo: 'now' });
    expect(result).toMatchObject({ files: 3, rejections: [], unreadable: [] });
    expect(result.accepted).toBeGreaterThan(1000);
    expect(result.accepted + result.duplicates).toBe(result.sent);
  });

  test('takes EventBridge’s wrapping off', async () => {
    const result = await replay({ files: [join(recorded, 'eventbridge')] });
    expect(result).toMatchObject({ sent: 20, unreadable: [] });
    // Two of the samples have an eventID that another sample has.
    expect(result.rejections.map(({ code }) => code)).toEqual(Array(2).fill('EventIdConflict'));
    for (const record of server.state.records.values()) expect(record.eventName).toBeDefined();
  });
});

function replay(options: Partial<ReplayOptions> = {}) {
  return replayFiles({ files: [folder], endpoint: server.endpoint, ...options });
}

function write(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content);
}

function records(count: number, prefix = 'e'): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, n) => ({
    eventID: `${prefix}-${n}`,
    eventName: 'Good',
  }));
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
