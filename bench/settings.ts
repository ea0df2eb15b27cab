import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Settings {
  readonly size: 'quick' | 'default' | 'full';
  readonly pairs: number;
  /** Missed limits make the run fail. */
  readonly strict: boolean;
  /** Names of figures, or parts of them; empty for all. */
  readonly only: readonly string[];
  /** The bundle that is measured. */
  readonly server: string;
  /** Everything written is under here. */
  readonly dir: string;
  readonly jsonPath: string | undefined;
  /** CPU profiles of the servers go here. */
  readonly profileDir: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick         under 90 seconds: fewer records, three pairs
  --full          also what takes ten million records
  --only <name>   this figure, or those whose names begin so; may be repeated
  --strict        fail when a limit is missed
  --json <file>   append the JSON lines to a file
  --server <file> the bundle to measure (dist/trailkeep.mjs)
  --dir <folder>  where to put data folders; must be on a real disk (${tmpdir()})
  --profile <dir> write CPU profiles of the servers
`;

export function readSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      server: { type: 'string', default: 'dist/trailkeep.mjs' },
      dir: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  return {
    size: values.quick ? 'quick' : values.full ? 'full' : 'default',
    pairs: values.quick ? 3 : 5,
    strict: values.strict,
    only: values.only,
    server: resolve(values.server),
    dir: mkdtempSync(join(resolve(values.dir), 'trailkeep-bench-')),
    jsonPath: values.json && resolve(values.json),
    profileDir: values.profile && resolve(values.profile),
  };
}

const tmpfsMagic = 0x01021994;

/** On a file system in memory an fdatasync costs nothing, and nothing is what it would prove. */
export function isInMemory(dir: string): boolean {
  return statfsSync(dir).type === tmpfsMagic;
}
