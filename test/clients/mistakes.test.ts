import * as sdk from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { boto3, type CallError, pythonName } from './boto3.ts';
import { createTrailMistakes, mistakenConfig } from './create-trail-mistakes.ts';
import { describeWith } from './describe-with.ts';
import { loggedTrail } from './logged-trail.ts';
import { type Mistake, otherMistakes } from './mistakes.ts';
import { cloudTrailOf } from './sdk-clients.ts';

let server: StartedServer;
const account = '123456789012';
const mistakes = [...createTrailMistakes, ...otherMistakes];

beforeAll(async () => {
  server = await startServer({ config: mistakenConfig });
  await loggedTrail(server.endpoint, account, { Name: 'there' });
});
afterAll(() => server?.stop());

describe('the SDK for JavaScript tells', () => {
  test.each(
    mistakes.map((mistake) => [`${mistake.operation}: ${mistake.title}`, mistake] as const),
  )('%s', async (_, mistake) => expectTold(await errorInJavaScript(mistake), mistake));
});

describeWith('boto3', 'boto3 tells', ({ path }) => {
  let told: ReadonlyMap<Mistake, CallError | undefined>;
  beforeAll(async () => {
    const found = new Map<Mistake, CallError | undefined>();
    for (const region of new Set(mistakes.map((mistake) => mistake.region))) {
      const asked = mistakes.filter((mistake) => mistake.region === region);
      const call = boto3(path, { endpoint: server.endpoint, ...(region && { region }) });
      const results = await call(
        asked.map(({ operation, input }) => [pythonName(operation), input] as const),
      );
      asked.forEach((mistake, index) => void found.set(mistake, results[index]?.error));
    }
    told = found;
  });

  test.each(
    mistakes.map((mistake) => [`${mistake.operation}: ${mistake.title}`, mistake] as const),
  )('%s', (_, mistake) => expectTold(told.get(mistake), mistake));
});

function expectTold(error: CallError | undefined, { code, message }: Mistake): void {
  const sentence = typeof message === 'string' ? message : expect.stringMatching(message);
  expect(error).toEqual({
    type: code,
    code,
    message: sentence,
    status: 400,
    requestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  });
}

async function errorInJavaScript(mistake: Mistake): Promise<CallError | undefined> {
  const commands = sdk as unknown as Record<string, new (input: object) => sdk.GetTrailCommand>;
  const command = new commands[`${mistake.operation}Command`]!(mistake.input);
  try {
    await cloudTrailOf(server.endpoint, account, mistake.region).send(command);
    return undefined;
  } catch (error) {
    const { name, message, $metadata } = error as sdk.CloudTrailServiceException;
    const type = error as { constructor: { name: string } };
    const typed = type.constructor !== sdk.CloudTrailServiceException;
    return {
      type: typed ? type.constructor.name : 'untyped',
      code: name,
      message,
      status: $metadata.httpStatusCode ?? 0,
      requestId: $metadata.requestId ?? '',
    };
  }
}
