import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idsOf, readAll } from '../../../ports/journal.contract.ts';
import { segmentJournal } from './segment-journal.ts';

let folder: string;
const program = () => join(folder, 'writer.mjs');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-kill-'));
  buildSync({
    entryPoints: [fileURLToPath(new URL('./killed-writer.fixture.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program(),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('killed while it writes, a journal has all that it acknowledged, and nothing twice', async () => {
  const journalFolder = join(folder, 'journal');
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round++) {
    const linesWanted = 1 + round * 40;
    acknowledged.push(...(await runUntilKilled(journalFolder, `r${round}`, linesWanted)));
    const journal = await segmentJournal(journalFolder);
    const ids = idsOf(await readAll(journal));
    await journal.close();
    const held = new Set(ids);
    expect(held.size).toBe(ids.length);
    expect(acknowledged.filter((id) => !held.has(id))).toEqual([]);
  }
  expect(acknowledged.length).toBeGreaterThan(3_000);
}, 30_000);

/** Ids of the lines that came before the process was killed, and of those that came with them. */
async function runUntilKilled(to: string, prefix: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program(), to, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const ids = await readLines(child, lines);
  await ended;
  return ids;
}

async function readLines(child: ChildProcess, lines: number): Promise<string[]> {
  const ids: string[] = [];
  let count = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    // The last line may have been cut by the kill.
    if (!line.endsWith('}')) break;
    const said = JSON.parse(line) as { ids: string[]; outcomes: string[][] };
    expect(said.outcomes.flat().filter((outcome) => outcome === 'duplicate').length).toBe(1);
    ids.push(...said.ids);
    count++;
    if (count === lines) child.kill('SIGKILL');
  }
  return ids;
}
