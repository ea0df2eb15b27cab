import { createHash, randomBytes } from 'node:crypto';
import {
  CreateTrailCommand,
  DeleteTrailCommand,
  GetTrailCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { clientsOf } from './endpoint.ts';
import type { Choices } from './seed.ts';

/** An owner of something that remembers what the server said yes to, over the server's deaths. */
export interface Witness {
  /** Changes it until the server is gone. */
  work(endpoint: string): Promise<void>;
  /** Looks whether the last acknowledged change, or the one that got no answer, is what is there. */
  check(endpoint: string): Promise<void>;
}

export interface TrailWitness extends Witness {
  /** Request ids of the changes that were acknowledged: each is a record of its own. */
  readonly requestIds: ReadonlySet<string>;
  /** Changes it while `going` says so and the server lives, which may answer that it cannot. */
  workWhile(endpoint: string, going: () => boolean): Promise<void>;
  /** Like check, where the server may answer that it cannot. */
  checkIfAnswered(endpoint: string): Promise<void>;
}

const absent = 'absent';

/** Creates, updates and deletes one trail; its key prefix tells the changes apart. */
export function trailWitness(
  choices: Choices,
  trail: { account: string; name: string; bucket: string },
): TrailWitness {
  const Name = trail.name;
  const requestIds = new Set<string>();
  /** What it may be now: as last acknowledged, or as any change since that got no clear answer. */
  let possible = new Set([absent]);
  let likely = absent;
  let count = 0;

  /** True when it was acknowledged; otherwise the status of the answer, 0 when there was none. */
  async function change(endpoint: string): Promise<true | number> {
    const { trails } = clientsOf(endpoint, { account: trail.account });
    count += 1;
    const next = likely !== absent && choices.chance(0.1) ? absent : `change-${count}`;
    const settings = { Name, S3BucketName: trail.bucket, S3KeyPrefix: next };
    possible.add(next);
    try {
      const send = async () => {
        if (next === absent) return trails.send(new DeleteTrailCommand({ Name }));
        if (likely === absent) return trails.send(new CreateTrailCommand(settings));
        return trails.send(new UpdateTrailCommand(settings));
      };
      const { $metadata } = await send();
      requestIds.add($metadata.requestId ?? '');
    } catch (error) {
      return statusOf(error);
    }
    possible = new Set([next]);
    likely = next;
    return true;
  }

  async function look(endpoint: string): Promise<string> {
    const { trails } = clientsOf(endpoint, { account: trail.account });
    return trails.send(new GetTrailCommand({ Name })).then(
      ({ Trail }) => Trail?.S3KeyPrefix ?? '',
      (error: Error) => (error.name === 'TrailNotFoundException' ? absent : `${error}`),
    );
  }

  function believe(found: string): void {
    expect([...possible], `${Name} is as acknowledged`).toContain(found);
    possible = new Set([found]);
    likely = found;
  }

  return {
    requestIds,
    async work(endpoint) {
      for (let answer: true | number = true; answer === true; ) {
        answer = await change(endpoint);
        if (answer !== true) expect(answer, `${Name} is changed until the kill`).toBe(0);
      }
    },
    async workWhile(endpoint, going) {
      while (going()) {
        const answer = await change(endpoint);
        if (answer === 0) return;
        // 400: it is not as it was thought to be, since an earlier change failed halfway.
        if (answer === 400) await this.checkIfAnswered(endpoint);
      }
    },
    check: async (endpoint) => believe(await look(endpoint)),
    async checkIfAnswered(endpoint) {
      const found = await look(endpoint);
      if (found === absent || found.startsWith('change-')) believe(found);
    },
  };
}

/** Puts objects, and puts other bytes over some of them. */
export function objectWitness(choices: Choices, bucket: string, prefix: string): Witness {
  const known = new Map<string, string>();
  let unanswered: { key: string; hash: string } | undefined;
  let count = 0;
  return {
    async work(endpoint) {
      const { s3 } = clientsOf(endpoint);
      for (;;) {
        const Body = randomBytes(10 + choices.below(100_000));
        const isNew = known.size === 0 || choices.chance(0.7);
        count += 1;
        const key = isNew ? `${prefix}/${count}` : choices.oneOf([...known.keys()]);
        unanswered = { key, hash: hashOf(Body) };
        try {
          await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
        } catch (error) {
          if (statusOf(error) === 0) return;
          throw error;
        }
        known.set(key, unanswered.hash);
        unanswered = undefined;
      }
    },
    async check(endpoint) {
      const { s3 } = clientsOf(endpoint);
      const keys = new Set([...known.keys(), ...(unanswered ? [unanswered.key] : [])]);
      for (const key of keys) {
        const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })).then(
          async ({ Body }) => hashOf(await Body?.transformToByteArray()),
          (error: Error) => error.name,
        );
        const possible = [known.get(key) ?? 'NoSuchKey'];
        if (unanswered?.key === key) possible.push(unanswered.hash);
        expect(possible, `the object ${key} is as acknowledged`).toContain(found);
        if (found !== 'NoSuchKey') known.set(key, found);
      }
      unanswered = undefined;
    },
  };
}

function hashOf(bytes: Uint8Array = new Uint8Array()): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The HTTP status of the server's answer; 0 when the connection broke before there was one. */
function statusOf(error: unknown): number {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
}
