import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStoreContract } from '../../../ports/object-store.contract.ts';
import { folderBuckets } from './folder-buckets.ts';

objectStoreContract('folders', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'trailkeep-buckets-'));
  const store = await folderBuckets(dir, { clock: { now: () => Date.now() } });
  return {
    store,
    makeBucket: async (name) => {
      await store.createBucket({ name, account: '123456789012', region: 'eu-west-1' });
    },
    setPolicy: async (name, policy) => {
      await store.set(name, 'policy', policy);
    },
    close: async () => {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
});
