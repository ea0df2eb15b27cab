import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PublicKeyFacts, SigningKeys } from '../../ports/signing-keys.ts';
import { writeFileDurably } from './durable-file.ts';
import { masterKey, type Sealed, seal, unseal } from './master-key.ts';

/**
 * Signing keys as files: `<folder>/<region>/<turn>.json`, one per key pair, the private key sealed
 * under the master key. A pair is made when it is first needed, which takes about 0.1 s of another
 * thread. No file is ever removed, because digests of any age are checked with the public keys.
 *
 * Which key signs depends on Region and time alone: time is cut into turns of 25 days, each with
 * its key, valid from a day before its turn to four days after it. So a clock that jumps anywhere
 * finds the same key for the same time, and a repeated signature is the same signature.
 */
export function fileSigningKeys(folder: string, options: FileSigningKeysOptions = {}): SigningKeys {
  const generate = options.generate ?? generateRsaKeyPair;
  const master = masterKey(options.masterKeyFile ?? join(folder, 'master.key'), options.masterKey);
  const regions = new Map<string, Promise<RegionKeys>>();

  function regionKeys(region: string): Promise<RegionKeys> {
    if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new Error(`${region} is not a Region name`);
    return once(regions, region, () => readRegion(folder, region));
  }

  async function make(region: string, turn: number): Promise<KeyFile> {
    const pair = await generate();
    const value = pair.publicKey.export({ type: 'pkcs1', format: 'der' });
    const fingerprint = createHash('md5').update(value).digest('hex');
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
    const nothingSealed = async () => !(await holdsKeys(folder));
    const sealed = seal(
      await master.getOrMake(nothingSealed),
      sealContext(region, fingerprint),
      secret,
    );
    const key: KeyFile = {
      region,
      fingerprint,
      publicKey: value.toString('base64'),
      ...validity(region, turn),
      privateKey: sealed,
    };
    await writeFileDurably(keyPath(folder, region, turn), `${JSON.stringify(key, null, 1)}\n`);
    return key;
  }

  async function active(region: string, at: number): Promise<{ keys: RegionKeys; key: KeyFile }> {
    const turn = turnAt(region, at);
    const keys = await regionKeys(region);
    return { keys, key: await once(keys.files, turn, () => make(region, turn)) };
  }

  return {
    async sign(region, at, bytes) {
      const { keys, key } = await active(region, at);
      const privateKey = await once(keys.opened, key.fingerprint, () => open(key));
      const signature = await signAsync('RSA-SHA256', bytes, privateKey);
      return { signature: signature.toString('hex'), fingerprint: key.fingerprint };
    },
    async activeFingerprint(region, at) {
      return (await active(region, at)).key.fingerprint;
    },
    async list(region, from, to) {
      const keys = await regionKeys(region);
      const files = await Promise.all(keys.files.values());
      return files
        .map(publicFacts)
        .filter((facts) => facts.validityStart <= to && facts.validityEnd >= from)
        .sort((a, b) => a.validityStart - b.validityStart);
    },
  };

  async function open(key: KeyFile): Promise<KeyObject> {
    const opener = await master.get();
    try {
      const secret = unseal(opener, sealContext(key.region, key.fingerprint), key.privateKey);
      return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
    } catch (cause) {
      const name = `signing key ${key.fingerprint} of ${key.region}`;
      throw new Error(`the ${name} cannot be opened with this master key`, { cause });
    }
  }
}

export interface FileSigningKeysOptions {
  /** Where the master key is kept; keys and master key apart are what sealing is good for. */
  readonly masterKeyFile?: string;
  /** The master key itself, in place of a file. */
  readonly masterKey?: Buffer;
  /** RSA-2048; tests put in pairs that they made before. */
  readonly generate?: () => Promise<KeyPair>;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function generateRsaKeyPair(): Promise<KeyPair> {
  return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
}

interface KeyFile {
  readonly region: string;
  readonly fingerprint: string;
  /** Base64 of the PKCS#1 DER. */
  readonly publicKey: string;
  /** Milliseconds since the epoch. */
  readonly validityStart: number;
  readonly validityEnd: number;
  readonly privateKey: Sealed;
}

interface RegionKeys {
  /** By turn. A promise: callers that come while a key is being made wait for that one. */
  readonly files: Map<number, Promise<KeyFile>>;
  readonly opened: Map<string, Promise<KeyObject>>;
}

const hour = 3_600_000;
const day = 24 * hour;
const turnLength = 25 * day;
/** So that a digest's whole hour, and ListPublicKeys for just that hour, are within validity. */
const validBefore = day;
const validityLength = 30 * day;

const signAsync = promisify(sign);

function turnAt(region: string, at: number): number {
  if (!Number.isFinite(at)) throw new Error('the time to sign at is not a time');
  return Math.floor((at - phase(region)) / turnLength);
}

function validity(region: string, turn: number): Pick<KeyFile, 'validityStart' | 'validityEnd'> {
  const validityStart = turn * turnLength + phase(region) - validBefore;
  return { validityStart, validityEnd: validityStart + validityLength };
}

/** Regions change keys at different hours, so that they do not all make one in the same minute. */
function phase(region: string): number {
  const hash = createHash('sha256').update(region).digest().readUInt32BE(0);
  return (hash % (turnLength / hour)) * hour;
}

function sealContext(region: string, fingerprint: string): string {
  return `trailkeep signing key ${region} ${fingerprint}`;
}

function publicFacts(key: KeyFile): PublicKeyFacts {
  return {
    value: Buffer.from(key.publicKey, 'base64'),
    fingerprint: key.fingerprint,
    validityStart: key.validityStart,
    validityEnd: key.validityEnd,
  };
}

function keyPath(folder: string, region: string, turn: number): string {
  return join(folder, region, `${turn}.json`);
}

async function readRegion(folder: string, region: string): Promise<RegionKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await namesIn(join(folder, region));
  const turns = names.flatMap((name) => /^(-?\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  const files = new Map<number, Promise<KeyFile>>();
  for (const turn of turns) {
    const key = await readKeyFile(keyPath(folder, region, turn), region);
    files.set(turn, Promise.resolve(key));
  }
  return { files, opened: new Map() };
}

async function readKeyFile(path: string, region: string): Promise<KeyFile> {
  try {
    const key = JSON.parse(await readFile(path, 'utf8')) as KeyFile;
    const fingerprint = createHash('md5').update(Buffer.from(key.publicKey, 'base64'));
    const whole = fingerprint.digest('hex') === key.fingerprint && key.region === region;
    if (whole && key.validityStart < key.validityEnd) return key;
  } catch (cause) {
    throw new Error(`the signing key file ${path} cannot be read`, { cause });
  }
  throw new Error(`the signing key file ${path} does not hold the key that it says`);
}

async function holdsKeys(folder: string): Promise<boolean> {
  for (const region of await namesIn(folder)) {
    const names = await namesIn(join(folder, region));
    if (names.some((name) => name.endsWith('.json'))) return true;
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** One attempt at a time per key; a failed one is forgotten, for the next caller to try again. */
function once<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const kept = map.get(key);
  if (kept !== undefined) return kept;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}
