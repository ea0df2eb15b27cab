import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { type AwsCli, awsCli, json } from './aws-cli.ts';
import { bucketContents } from './bucket-contents.ts';
import { awsNames, describeWith, describeWithAnyAws } from './describe-with.ts';
import { devLevers } from './dev-levers.ts';
import { hoursGoBy, type LoggedTrail, loggedTrail } from './logged-trail.ts';
import { validateLogs } from './validate-logs.ts';

/** What somebody does to a bucket, and the sentence with which aws-cli names it. */
interface Attack {
  readonly title: string;
  /** Resolves with the lines that validate-logs must print. */
  run(scene: Scene): Promise<readonly string[]>;
}

interface Scene {
  readonly aws: AwsCli;
  readonly trail: LoggedTrail;
  readonly logs: readonly string[];
  readonly digests: readonly string[];
}

const attacks: readonly Attack[] = [
  {
    title: 'a log file that was deleted',
    async run({ aws, trail: { bucket }, logs: [log] }) {
      expect(await aws(`s3 rm s3://${bucket}/${log}`)).toMatchObject({ code: 0 });
      return [`Log file\ts3://${bucket}/${log}\tINVALID: not found`];
    },
  },
  {
    title: 'a log file in which one byte was changed',
    async run(scene) {
      const log = scene.logs[1]!;
      await rewrite(scene, log, (text) => text.replace('amazonaws', 'amazonawz'));
      return [`Log file\t${at(scene, log)}\tINVALID: hash value doesn't match`];
    },
  },
  {
    title: 'a log file from which a record was taken',
    async run(scene) {
      const log = scene.logs[0]!;
      await rewrite(scene, log, (text) => {
        const { Records } = JSON.parse(text) as { Records: unknown[] };
        return JSON.stringify({ Records: Records.slice(1) });
      });
      return [`Log file\t${at(scene, log)}\tINVALID: hash value doesn't match`];
    },
  },
  {
    title: 'a digest that was truncated',
    async run(scene) {
      const digest = scene.digests[1]!;
      const { body, metadata } = await got(scene, digest);
      await put(scene, digest, body.subarray(0, body.length - 20), metadata);
      return [`Digest file\t${at(scene, digest)}\tINVALID: invalid format`];
    },
  },
  {
    title: 'two digests that were swapped',
    async run(scene) {
      const [, one = '', other = ''] = scene.digests;
      const [first, second] = [await got(scene, one), await got(scene, other)];
      await put(scene, one, second.body, second.metadata);
      await put(scene, other, first.body, first.metadata);
      return [one, other].map(
        (key) =>
          `Digest file\t${at(scene, key)}\tINVALID: has been moved from its original location`,
      );
    },
  },
  {
    title: 'a digest that was deleted',
    async run({ aws, trail: { bucket }, digests }) {
      const digest = digests[1];
      expect(await aws(`s3 rm s3://${bucket}/${digest}`)).toMatchObject({ code: 0 });
      return [`Digest file\ts3://${bucket}/${digest}\tINVALID: not found`];
    },
  },
  {
    title: 'a digest that leaves out a log file',
    async run(scene) {
      const digest = scene.digests[0]!;
      await rewrite(scene, digest, (text) => JSON.stringify({ ...JSON.parse(text), logFiles: [] }));
      return [`Digest file\t${at(scene, digest)}\tINVALID: signature verification failed`];
    },
  },
  {
    title: 'a digest that was signed by somebody else',
    async run(scene) {
      const digest = scene.digests[1]!;
      const { body, metadata } = await got(scene, digest);
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const signature = createSign('RSA-SHA256').update('anything').sign(privateKey, 'hex');
      await put(scene, digest, body, { ...metadata, signature });
      return [`Digest file\t${at(scene, digest)}\tINVALID: signature verification failed`];
    },
  },
];

let server: StartedServer;
let folder: string;
const scenes = new Map<string, LoggedTrail>();
/** What must be named, by account. */
const culprits = new Map<string, readonly string[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trailkeep-attacks-'));
  server = await startServer();
  for (const [index] of attacks.entries()) {
    const account = accountOf(index);
    scenes.set(account, await loggedTrail(server.endpoint, account));
  }
  await hoursGoBy(server.endpoint, [...scenes.keys()], 3);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describeWithAnyAws('an attacker with aws-cli', (tool) => {
  test.each(attacks.map((attack, index) => [attack.title, attack, accountOf(index)] as const))(
    'leaves %s',
    async (_, attack, account) => {
      const trail = scenes.get(account)!;
      const aws = awsCli(tool.path, server.endpoint, { account });
      expect(await validated(aws, trail)).toMatchObject({ code: 0, invalid: [] });
      const keys = await bucketContents(server.endpoint, trail.bucket, account).keys();
      const logs = keys.filter((key) => key.includes('/CloudTrail/'));
      const digests = keys.filter((key) => key.includes('/CloudTrail-Digest/'));
      expect(logs.length).toBeGreaterThanOrEqual(3);
      const lines = await attack.run({ aws, trail, logs, digests });
      culprits.set(account, [...lines].sort());
    },
  );
});

for (const name of awsNames) {
  describeWith(name, 'validate-logs', (tool) => {
    test.each(attacks.map((attack, index) => [attack.title, accountOf(index)] as const))(
      'names %s',
      async (_, account) => {
        const aws = awsCli(tool.path, server.endpoint, { account });
        const { code, invalid } = await validated(aws, scenes.get(account)!);
        expect(code).toBe(1);
        expect([...invalid].sort()).toEqual(culprits.get(account));
      },
    );
  });
}

/** Every attack has an account to itself. */
function accountOf(index: number): string {
  return String(200000000000 + index);
}

async function validated(aws: AwsCli, { arn, from }: LoggedTrail) {
  return validateLogs(aws, { arn, from, to: await devLevers(server.endpoint).now() });
}

function at({ trail }: Scene, key: string): string {
  return `s3://${trail.bucket}/${key}`;
}

type Metadata = Readonly<Record<string, string>>;

/** The stored bytes with the metadata, as an attacker saves them to put them back. */
async function got({ aws, trail }: Scene, key: string) {
  const file = join(folder, 'got');
  const asked = `s3api get-object --bucket ${trail.bucket} --key ${key} ${file}`;
  const { Metadata } = await json<{ Metadata?: Metadata }>(aws(asked));
  return { body: readFileSync(file), metadata: Metadata ?? {} };
}

async function put({ aws, trail }: Scene, key: string, body: Buffer, metadata: Metadata) {
  const file = join(folder, 'put');
  writeFileSync(file, body);
  const asked = `s3api put-object --bucket ${trail.bucket} --key ${key} --body ${file} --metadata`;
  await json(aws(asked, JSON.stringify(metadata)));
}

async function rewrite(scene: Scene, key: string, change: (text: string) => string) {
  const { body, metadata } = await got(scene, key);
  const text = gunzipSync(body).toString();
  const changed = change(text);
  expect(changed).not.toBe(text);
  await put(scene, key, gzipSync(changed), metadata);
}
