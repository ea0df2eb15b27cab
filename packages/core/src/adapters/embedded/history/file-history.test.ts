import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyContract } from '../../../ports/history.contract.ts';
import { type FileHistoryOptions, fileHistory } from './file-history.ts';

const journal = { start: async () => '000000000000' };

/** Heads of every size: all in memory, all in segments, and some of both. */
const sizes: Record<string, Partial<FileHistoryOptions>> = {
  'files, all in the head': {},
  'files, a segment for every entry': { headRecordsMax: 1 },
  'files, segments of a few records': { headRecordsMax: 7 },
  'files, small segments that are merged': { headRecordsMax: 64, journalBytesMax: 1 },
};

for (const [name, limits] of Object.entries(sizes)) {
  historyContract(name, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'history-'));
    const history = await fileHistory(dir, { journal, ...limits });
    return {
      history,
      close: async () => {
        await history.close();
        rmSync(dir, { recursive: true });
      },
    };
  });
}
