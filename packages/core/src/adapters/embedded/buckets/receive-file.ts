import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type ObjectFiles, unlinkIfThere } from './object-files.ts';

/** Bytes on their way in. Nothing is an object before the index says so. */
export interface Incoming {
  /** Waits until the chunk is written: what is received is never queued up in memory. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves when the bytes can be committed. */
  finish(): Promise<Received>;
  discard(): Promise<void>;
}

/** Either in memory, up to `bodyBytesMax`, or in a synced file of our own. */
export interface Received {
  readonly bucket: string;
  readonly id: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly md5: string;
  readonly body?: Buffer;
  readonly file?: string;
}

export function receiveFile(files: ObjectFiles, bucket: string): Incoming {
  const id = files.newId();
  const md5 = createHash('md5');
  let held: Buffer[] = [];
  let sizeBytes = 0;
  let spill: { handle: FileHandle; file: string } | undefined;

  const drop = async () => {
    held = [];
    await spill?.handle.close();
    if (spill !== undefined) unlinkIfThere(spill.file);
    spill = undefined;
  };
  return {
    write: async (chunk) => {
      md5.update(chunk);
      sizeBytes += chunk.length;
      if (spill === undefined && sizeBytes <= bodyBytesMax) {
        held.push(Buffer.from(chunk));
        return;
      }
      if (spill === undefined) {
        const file = files.incoming(bucket, id);
        spill = { handle: await open(file, 'wx', 0o644), file };
        for (const earlier of held) await writeAll(spill.handle, earlier);
        held = [];
      }
      await writeAll(spill.handle, chunk);
    },
    finish: async () => {
      const received = { bucket, id, sizeBytes, md5: hex(md5) };
      if (spill === undefined) return { ...received, body: Buffer.concat(held) };
      const { handle, file } = spill;
      await handle.datasync();
      spill = undefined;
      await handle.close();
      return { ...received, file };
    },
    discard: drop,
  };
}

/** A body that is in memory already. */
export async function receiveBuffer(
  files: ObjectFiles,
  bucket: string,
  body: Buffer,
): Promise<Received> {
  if (body.length <= bodyBytesMax) {
    const md5 = hex(createHash('md5').update(body));
    return { bucket, id: files.newId(), sizeBytes: body.length, md5, body };
  }
  const incoming = receiveFile(files, bucket);
  try {
    await incoming.write(body);
    return await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

export function dropReceived(received: Received): void {
  if (received.file !== undefined) unlinkIfThere(received.file);
}

function hex(hash: Hash): string {
  return hash.digest('hex');
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let at = 0;
  while (at < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, at, chunk.length - at);
    at += bytesWritten;
  }
}

/** Up to here the index keeps the bytes until their file is synced with many others. */
export const bodyBytesMax = 64 * 1024;
