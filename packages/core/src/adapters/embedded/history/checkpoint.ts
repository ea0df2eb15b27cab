import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from '../../../bytes/crc32.ts';
import type { Position } from '../../../ports/journal.ts';
import { syncDirectory } from './positional-io.ts';
import { turns } from './turns.ts';

/** What no segment tells: shards without any, and what is forgotten. */
export interface Checkpoint {
  readonly shards: ReadonlyMap<string, Durable>;
  /** Milliseconds since the epoch. */
  readonly expiredBefore: number;
}

/** All of a shard before `through` is in segments, and the next record has this ordinal. */
export interface Durable {
  readonly through: Position;
  readonly ordinal: number;
}

const nothing: Checkpoint = { shards: new Map(), expiredBefore: 0 };

/** The checkpoint as it is to be, and its file. */
export interface CheckpointFile {
  readonly shards: Map<string, Durable>;
  expiredBefore: number;
  /** Durable when it resolves. */
  save(): Promise<void>;
}

export function checkpointFile(path: string, start: Checkpoint): CheckpointFile {
  const inTurn = turns();
  const file: CheckpointFile = {
    shards: new Map(start.shards),
    expiredBefore: start.expiredBefore,
    save: () => inTurn.take(() => writeCheckpoint(path, file)),
  };
  return file;
}

export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
  const [body, checksum] = text.split('\n');
  if (body === undefined || checksum !== String(crc32(Buffer.from(body)))) {
    throw new Error(`the history's checkpoint ${path} is damaged`);
  }
  const parsed = JSON.parse(body) as { shards: [string, Durable][]; expiredBefore: number };
  return { shards: new Map(parsed.shards), expiredBefore: parsed.expiredBefore };
}

/** Durable when it resolves; the one before stays until then. */
async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { shards, expiredBefore } = checkpoint;
  const body = JSON.stringify({ shards: [...shards], expiredBefore });
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(`${body}\n${crc32(Buffer.from(body))}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  await syncDirectory(dirname(path));
}
