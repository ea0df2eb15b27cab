import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';

export const account = '123456789012';
export const homeRegion = 'us-east-1';

/** AWS's own clients of a server under fault: a failed request is not repeated behind our back. */
export function clientsOf(endpoint: string, options: { account?: string; region?: string } = {}) {
  const credentials = { accessKeyId: options.account ?? account, secretAccessKey: 'any' };
  const region = options.region ?? homeRegion;
  const settings = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    trails: new CloudTrailClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
  };
}

/** A request of our own paths; undefined when the server did not live to answer it. */
export async function ask(
  endpoint: string,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(`${endpoint}/_trailkeep/${path}`, { method, body });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // What fetch throws when a connection is refused or breaks off.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Polls until the answer is there, for at most `withinMs`. */
export async function until<Answer>(
  what: string,
  look: () => Promise<Answer | undefined | false>,
  withinMs = 10_000,
): Promise<Answer> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const answer = await look();
    if (answer !== undefined && answer !== false) return answer;
    await wait(20);
  }
  throw new Error(`${what} did not come within ${withinMs} ms`);
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
