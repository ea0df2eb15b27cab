import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Refusal, refuse } from '../../../domain/refusal.ts';
import { codeOf } from './error-code.ts';
import { refusalOfDisk, type StoreParts } from './store-parts.ts';
import type { StoredVersion } from './stored-version.ts';

/** An object's bytes, open: a later overwrite or removal does not touch them. Close it. */
export interface OpenObject {
  /** Of the file as it is: whoever changed it by hand is not covered up. */
  readonly sizeBytes: number;
  /** From `start` to `end`, both inclusive. Closes the object when it ends. */
  stream(start: number, end: number): Readable;
  close(): Promise<void>;
}

export async function openObject(
  parts: StoreParts,
  bucket: string,
  version: StoredVersion,
): Promise<OpenObject | Refusal> {
  // Before anything is awaited: the version's path is as fresh as the caller's look at it.
  const held = parts.bodies.read(bucket, version.path);
  if (held !== undefined) return heldObject(held);
  let handle: FileHandle;
  try {
    handle = await open(parts.files.at(bucket, version.path), readFlags);
  } catch (error) {
    // Removed by hand: to whoever reads, and to validate-logs, the log file is missing.
    if (goneCodes.has(codeOf(error))) return noSuchKey;
    const refusal = refusalOfDisk(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    stream: (start, end) => createReadStream('', { fd: handle, start, end, autoClose: true }),
    close: () => handle.close(),
  };
}

/** The file is not there yet. */
function heldObject(body: Buffer): OpenObject {
  return {
    sizeBytes: body.length,
    stream: (start, end) => Readable.from([body.subarray(start, end + 1)], { objectMode: false }),
    close: async () => {},
  };
}

/** All of a small object. */
export async function readObject(
  parts: StoreParts,
  bucket: string,
  version: StoredVersion,
): Promise<Buffer | Refusal> {
  const opened = await openObject(parts, bucket, version);
  if ('refused' in opened) return opened;
  if (opened.sizeBytes === 0) {
    await opened.close();
    return Buffer.alloc(0);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of opened.stream(0, opened.sizeBytes - 1)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const noSuchKey = refuse('NoSuchKey', 'The specified key does not exist.');

/** A file that was replaced by a link is not read through it. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']);
