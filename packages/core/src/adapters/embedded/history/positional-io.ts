import { readSync, write } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

const writeOnce = promisify(write);

export async function writeAll(fd: number, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const length = bytes.length - done;
    const { bytesWritten } = await writeOnce(fd, bytes, done, length, position + done);
    if (bytesWritten === 0) throw new Error('the disk took none of a history segment’s bytes');
    done += bytesWritten;
  }
}

/**
 * Fills `into`; throws when the file ends before. Synchronous: what is read was mostly written or
 * read lately, and a read from the page cache costs less than the way to a thread and back, where
 * it would wait behind the journal's fdatasync.
 */
export function readAll(fd: number, into: Buffer, position: number): void {
  let done = 0;
  while (done < into.length) {
    const bytesRead = readSync(fd, into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error('a history segment is shorter than it was');
    done += bytesRead;
  }
}

/** Makes the names in a directory durable: those that came, and those that went. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
