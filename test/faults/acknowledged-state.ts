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
}

const absent = 'absent';

/** Creates, updates and deletes one trail; its key prefix tells the changes apart. */
export function trailWitness(
  choices: Choices,
  trail: { account: string; name: string; bucket: string },
): TrailWitness {
  const Name = trail.name;
  const requestIds = new Set<string>();
  let known = absent;
  let unanswered: string | undefined;
  let count = 0;

  async function changeTo(endpoint: string, next: string): Promise<boolean> {
    const { trails } = clientsOf(endpoint, { account: trail.account });
    const settings = { Name, S3BucketName: trail.bucket, S3KeyPrefix: next };
    unanswered = next;
    try {
      const send = async () => {
        if (next === absent) return trails.send(new DeleteTrailCommand({ Name }));
        if (known === absent) return trails.send(new CreateTrailCommand(settings));
        return trails.send(new UpdateTrailCommand(settings));
      };
      const { $metadata } = await send();
      requestIds.add($metadata.requestId ?? '');
    } catch (error) {
      if (isBrokenOff(error)) return false;
      throw error;
    }
    known = next;
    unanswered = undefined;
    return true;
  }

  return {
    requestIds,
    async work(endpoint) {
      for (let alive = true; alive; ) {
        count += 1;
        const goes = known !== absent && choices.chance(0.1);
        alive = await changeTo(endpoint, goes ? absent : `change-${count}`);
      }
    },
    async check(endpoint) {
      const { trails } = clientsOf(endpoint, { account: trail.account });
      const found = await trails.send(new GetTrailCommand({ Name })).then(
        ({ Trail }) => Trail?.S3KeyPrefix,
        (error: Error) => (error.name === 'TrailNotFoundException' ? absent : error.name),
      );
      expect([known, unanswered], `${Name} is as acknowledged`).toContain(found);
      known = found ?? absent;
      unanswered = undefined;
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
          if (isBrokenOff(error)) return;
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

/** The connection broke before there was an answer; an answer of the server's has a status. */
export function isBrokenOff(error: unknown): boolean {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return ($metadata?.httpStatusCode ?? $response?.statusCode) === undefined;
}
