/** What dev mode offers beside the AWS APIs: the clock, delivery at once, records in. */
export function devLevers(endpoint: string) {
  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${endpoint}/_trailkeep/${path}`, { method, body: text });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return JSON.parse(answer) as Answer;
  }
  return {
    /** Moves the clock on, to the time it then shows. */
    advance: (seconds: number) =>
      call<{ now: string }>('PUT', 'clock', { advanceSeconds: seconds }),
    setClock: (now: string) => call<{ now: string }>('PUT', 'clock', { now }),
    now: async () => new Date((await call<{ now: string }>('GET', 'clock')).now),
    flush: (digests = false) => call<Flushed>('POST', `flush?digests=${digests}`),
    events: (records: readonly object[] | string) => call<Accepted>('POST', 'events', records),
    reset: () => call('POST', 'reset'),
  };
}

export type DevLevers = ReturnType<typeof devLevers>;

export interface Flushed {
  readonly logFiles: number;
  readonly digests: number;
  readonly owing: number;
}

export interface Accepted {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { index: number; code: string; message: string }[];
}
