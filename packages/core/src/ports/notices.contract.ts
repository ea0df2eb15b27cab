import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notices } from './notices.ts';

/** A sender, and what arrived at the other end. */
export interface NoticesFixture {
  readonly notices: Notices;
  readonly topicArn: string;
  /** With the final `:*`, as trails have it. */
  readonly logGroupArn: string;
  messages(): readonly string[];
  logEvents(): readonly { logStream: string; timestamp: number; message: string }[];
  /** From now on the other end answers every request with an error. */
  fail(): void;
  close(): Promise<void>;
}

/** What every sender of notices promises. */
export function noticesContract(name: string, make: () => Promise<NoticesFixture>): void {
  describe(`notices: ${name}`, () => {
    let given: NoticesFixture;
    beforeEach(async () => {
      given = await make();
    });
    afterEach(() => given.close());

    const put = (events: readonly { timestamp: number; message: string }[]) =>
      given.notices.putLogEvents({
        logGroupArn: given.logGroupArn,
        roleArn: 'arn:aws:iam::123456789012:role/trail',
        logStream: '123456789012_CloudTrail_us-east-1',
        events,
      });

    test('a message that is sent has arrived, as it was', async () => {
      const message = JSON.stringify({ s3Bucket: 'b', s3ObjectKey: ['a/ü.json.gz', '"&<'] });
      expect(await given.notices.publish(given.topicArn, message)).toEqual({ outcome: 'sent' });
      expect(given.messages()).toEqual([message]);
    });

    test('log events that are sent have arrived, in order, in their stream', async () => {
      const events = [1, 2, 3].map((n) => ({ timestamp: start + n, message: `{"n":${n}}` }));
      expect(await put(events)).toEqual({ outcome: 'sent' });
      const logStream = '123456789012_CloudTrail_us-east-1';
      expect(given.logEvents()).toEqual(events.map((event) => ({ logStream, ...event })));
      expect(await put(events.slice(0, 1))).toEqual({ outcome: 'sent' });
      expect(given.logEvents()).toHaveLength(4);
    });

    test('more than one request holds arrive all the same', async () => {
      const message = 'ä'.repeat(120_000);
      const events = Array.from({ length: 12 }, (_, n) => ({ timestamp: start + n, message }));
      expect(await put(events)).toEqual({ outcome: 'sent' });
      expect(given.logEvents().map((event) => event.timestamp - start)).toEqual([...events.keys()]);
    });

    test('events over 256 KB are left out', async () => {
      const large = { timestamp: start, message: 'x'.repeat(256 * 1024 + 1) };
      const small = { timestamp: start + 1, message: 'x' };
      expect(await put([large, small])).toEqual({ outcome: 'sent' });
      expect(given.logEvents().map((event) => event.message)).toEqual(['x']);
      expect(await put([large])).toEqual({ outcome: 'sent' });
      expect(await put([])).toEqual({ outcome: 'sent' });
    });

    test('a failure is told with a code and a sentence', async () => {
      given.fail();
      const refused = {
        outcome: 'refused',
        code: expect.stringMatching(/^\w+$/),
        message: expect.stringMatching(/./),
      };
      expect(await given.notices.publish(given.topicArn, 'm')).toEqual(refused);
      expect(await put([{ timestamp: start, message: 'm' }])).toEqual(refused);
    });
  });
}

const start = Date.UTC(2026, 0, 1);
