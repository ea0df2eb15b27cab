import type { SendFailure } from './send-batches.ts';

/**
 * What time it is for the server, whose clock may have been set: milliseconds since the epoch.
 * Asked before anything is sent, so it also tells whether a server is there.
 */
export async function serverTime(options: {
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}): Promise<number | SendFailure> {
  const url = new URL('/_trailkeep/clock', options.endpoint);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      headers: { ...options.headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    const { now } = (await response.json()) as { now?: unknown };
    const time = typeof now === 'string' ? Date.parse(now) : Number.NaN;
    if (response.status === 200 && Number.isFinite(time)) return time;
    return { code: 'UnexpectedAnswer', message: `${url} does not tell the time.` };
  } catch (error) {
    const { cause } = error as Error & { cause?: { code?: string; message?: string } };
    const what = cause?.message || cause?.code || (error as Error).message;
    const message = `${url.origin} cannot be reached: ${what}. Is trailkeep serving there?`;
    return { code: cause?.code ?? 'NetworkError', message };
  }
}
