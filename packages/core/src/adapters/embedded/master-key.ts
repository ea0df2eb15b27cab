import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileDurably } from './durable-file.ts';

/**
 * The key that seals the data folder's secrets, as 32 bytes in a file of mode 0600. A copy of the
 * folder without this file gives no secret away, so whoever backs the folder up keeps it elsewhere.
 *
 * With `given` the key comes from the operator, and no file is read or written.
 */
export function masterKey(file: string, given?: Buffer): MasterKey {
  if (given !== undefined && given.length !== keyBytes) {
    throw new Error(`a master key is ${keyBytes} bytes, not ${given.length}`);
  }
  let pending: Promise<Buffer> | undefined;
  async function get(mayMake: () => Promise<boolean>): Promise<Buffer> {
    pending ??= given === undefined ? readOrMake(file, mayMake) : Promise.resolve(given);
    try {
      return await pending;
    } catch (error) {
      pending = undefined;
      throw error;
    }
  }
  return {
    get: () => get(async () => false),
    getOrMake: (mayMake) => get(mayMake),
  };
}

export interface MasterKey {
  /** Rejects when the file is not there. */
  get(): Promise<Buffer>;
  /** Makes the file when it is not there, if `mayMake` (nothing is sealed under a lost key). */
  getOrMake(mayMake: () => Promise<boolean>): Promise<Buffer>;
}

/** Base64 of AES-256-GCM's parts. */
export interface Sealed {
  readonly algorithm: 'AES-256-GCM';
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** `context` says what is sealed, for whom: it must be the same to open the box again. */
export function seal(key: Buffer, context: string, secret: Buffer): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    algorithm: 'AES-256-GCM',
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

/** Throws when the key, the context or the box is not the one that was sealed. */
export function unseal(key: Buffer, context: string, sealed: Sealed): Buffer {
  const iv = Buffer.from(sealed.iv, 'base64');
  // Without the length, GCM takes a tag cut to 4 bytes, which can be guessed.
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
}

const keyBytes = 32;

async function readOrMake(file: string, mayMake: () => Promise<boolean>): Promise<Buffer> {
  const kept = await readKey(file);
  if (kept !== undefined) return kept;
  if (!(await mayMake())) {
    throw new Error(
      `the master key ${file} is missing: put it back, or give it in the environment`,
    );
  }
  const key = randomBytes(keyBytes);
  await writeFileDurably(file, `${key.toString('base64')}\n`);
  return key;
}

async function readKey(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw new Error(`${file} does not hold a master key of 32 bytes`);
  return key;
}
