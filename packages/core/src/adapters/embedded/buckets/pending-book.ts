/** A body that the index keeps until its file is made and synced. */
export interface PendingBody {
  /** Of its row. */
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  path: string;
  readonly bytes: number;
  /** The file is there, complete, but not yet synced. */
  made: boolean;
  /** From before a start: something of ours may be at its path. */
  readonly mayBeOurs: boolean;
}

/** Which bodies are pending; what a transaction changes counts once it holds. */
export type PendingBook = ReturnType<typeof pendingBook>;

export function pendingBook() {
  const settled = settledBook();
  let changes: { one: PendingBody; added: boolean }[] = [];
  let changed = new Map<string, PendingBody | undefined>();
  const reset = () => {
    changes = [];
    changed = new Map();
  };
  return {
    ...settled,
    add: (one: PendingBody) => {
      changes.push({ one, added: true });
      changed.set(nameOf(one.bucket, one.path), one);
    },
    /** What the open transaction sees under this name goes. */
    forget: (bucket: string, path: string): PendingBody | undefined => {
      const name = nameOf(bucket, path);
      const one = changed.has(name) ? changed.get(name) : settled.find(bucket, path);
      if (one === undefined) return undefined;
      changes.push({ one, added: false });
      changed.set(name, undefined);
      return one;
    },
    forgetBucket: (bucket: string) => {
      const added = [...changed.values()].filter((one) => one?.bucket === bucket);
      for (const one of [...settled.ofBucket(bucket), ...added]) {
        if (one === undefined) continue;
        changes.push({ one, added: false });
        changed.set(nameOf(bucket, one.path), undefined);
      }
    },
    committed: () => {
      for (const { one, added } of changes) {
        if (added) settled.insert(one);
        else settled.remove(one);
      }
      reset();
    },
    rolledBack: reset,
  };
}

/** Outside of transactions. */
function settledBook() {
  const byName = new Map<string, PendingBody>();
  const unmade = new Map<string, Set<PendingBody>>();
  const made = new Set<PendingBody>();
  const counts = { unmade: 0, unmadeBytes: 0, madeBytes: 0 };
  const dropUnmade = (one: PendingBody) => {
    const ofBucket = unmade.get(one.bucket);
    if (!ofBucket?.delete(one)) return;
    if (ofBucket.size === 0) unmade.delete(one.bucket);
    counts.unmade -= 1;
    counts.unmadeBytes -= one.bytes;
  };
  return {
    unmadeCount: () => counts.unmade,
    unmadeBytes: () => counts.unmadeBytes,
    madeBytes: () => counts.madeBytes,
    find: (bucket: string, path: string) => byName.get(nameOf(bucket, path)),
    ofBucket: (bucket: string) => [...byName.values()].filter((one) => one.bucket === bucket),
    /** By bucket, oldest first. */
    unmade: (): ReadonlyMap<string, ReadonlySet<PendingBody>> => unmade,
    made: (): ReadonlySet<PendingBody> => made,
    insert: (one: PendingBody) => {
      byName.set(nameOf(one.bucket, one.path), one);
      counts.unmade += 1;
      counts.unmadeBytes += one.bytes;
      const ofBucket = unmade.get(one.bucket);
      if (ofBucket === undefined) unmade.set(one.bucket, new Set([one]));
      else ofBucket.add(one);
    },
    markMade: (one: PendingBody) => {
      dropUnmade(one);
      one.made = true;
      made.add(one);
      counts.madeBytes += one.bytes;
    },
    rename: (one: PendingBody, path: string) => {
      byName.delete(nameOf(one.bucket, one.path));
      one.path = path;
      byName.set(nameOf(one.bucket, path), one);
    },
    remove: (one: PendingBody) => {
      const name = nameOf(one.bucket, one.path);
      // The name may stand for a newer body by now.
      if (byName.get(name) === one) byName.delete(name);
      if (made.delete(one)) counts.madeBytes -= one.bytes;
      else dropUnmade(one);
    },
  };
}

function nameOf(bucket: string, path: string): string {
  return `${bucket}/${path}`;
}
