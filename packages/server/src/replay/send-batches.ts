/** Sends record batches to `POST <endpoint>/_trailkeep/events`, a few at a time. */
export interface BatchSender {
  /** Resolves when there is room for another batch; false once sending has been given up. */
  send(batch: RecordBatchToSend): Promise<boolean>;
  /** Resolves when every batch has been answered or given up. */
  finish(): Promise<SendFailure | undefined>;
}

export interface RecordBatchToSend {
  readonly texts: readonly string[];
  /** What became of the batch: only ever called for a batch that is durable. */
  readonly onAnswer: (answer: BatchAnswer) => void;
}

export interface BatchAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  /** `index` counts from 0 in the batch. */
  readonly rejected: readonly {
    readonly index: number;
    readonly code: string;
    readonly message: string;
  }[];
}

export interface SendFailure {
  readonly code: string;
  readonly message: string;
}

export interface SenderOptions {
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  /** Milliseconds; tests do not wait. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  readonly inFlightMax?: number;
}

/** Records carry eventIDs, so a batch that arrives twice is stored once: repeating is safe. */
export function batchSender(options: SenderOptions): BatchSender {
  const inFlightMax = options.inFlightMax ?? 4;
  const inFlight = new Set<Promise<void>>();
  const contact = { made: false };
  let failure: SendFailure | undefined;

  async function deliver(batch: RecordBatchToSend): Promise<void> {
    const answer = await postWithRetries(
      options,
      `{"Records":[${batch.texts.join(',')}]}`,
      contact,
    );
    if ('code' in answer) failure ??= answer;
    else batch.onAnswer(answer);
  }

  return {
    async send(batch) {
      if (failure !== undefined) return false;
      const sending = deliver(batch).finally(() => inFlight.delete(sending));
      inFlight.add(sending);
      // The first batch goes alone: when nobody is there, one refusal tells it.
      const allowed = contact.made ? inFlightMax : 1;
      while (inFlight.size >= allowed) await Promise.race(inFlight);
      return failure === undefined;
    },
    async finish() {
      await Promise.all(inFlight);
      return failure;
    },
  };
}

const attemptsMax = 8;
const waitMin = 100;
const waitMax = 5000;
const requestTimeLimit = 60_000;

async function postWithRetries(
  options: SenderOptions,
  body: string,
  contact: { made: boolean },
): Promise<BatchAnswer | SendFailure> {
  const wait = options.wait ?? ((time) => new Promise((resolve) => setTimeout(resolve, time)));
  for (let attempt = 1; ; attempt++) {
    const outcome = await post(options, body);
    if (!('code' in outcome)) {
      contact.made = true;
      return outcome;
    }
    const hopeless = !contact.made && /^(ECONNREFUSED|ENOTFOUND)$/.test(outcome.code);
    if (!outcome.retry || hopeless || attempt === attemptsMax) return outcome;
    const longest = Math.min(waitMax, waitMin * 2 ** attempt);
    // Not all at the same moment: those that were refused together would be so again.
    await wait(longest / 2 + (Math.random() * longest) / 2);
  }
}

async function post(
  options: SenderOptions,
  body: string,
): Promise<BatchAnswer | (SendFailure & { readonly retry: boolean })> {
  const url = new URL('/_trailkeep/events', options.endpoint);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...options.headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeLimit),
    });
    const text = await response.text();
    return response.status === 200 ? answerOf(text, url) : refusalOf(response.status, text, url);
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string; message?: string } };
    const code = cause?.code ?? (name === 'TimeoutError' ? 'RequestTimeout' : 'NetworkError');
    const what = cause?.message ?? (error as Error).message;
    const message = `${url.origin} cannot be reached: ${what || code}. Is trailkeep serving there?`;
    return { code, message, retry: true };
  }
}

function answerOf(text: string, url: URL): BatchAnswer | (SendFailure & { retry: boolean }) {
  const answer = jsonOf(text) as Partial<BatchAnswer> | undefined;
  const whole =
    Number.isInteger(answer?.accepted) &&
    Number.isInteger(answer?.duplicates) &&
    Array.isArray(answer?.rejected);
  if (whole) return answer as BatchAnswer;
  const message = `What answers at ${url.origin} is not Trailkeep.`;
  return { code: 'UnexpectedAnswer', message, retry: false };
}

function refusalOf(status: number, text: string, url: URL): SendFailure & { retry: boolean } {
  const answer = jsonOf(text) as Record<string, unknown> | undefined;
  const type = typeof answer?.['__type'] === 'string' ? answer['__type'] : `Status${status}`;
  const said = typeof answer?.['message'] === 'string' ? answer['message'] : text.slice(0, 200);
  const retry =
    status === 503 || status === 500 || status === 429 || type === 'ThrottlingException';
  return { code: type, message: `${url.origin} answered ${status}: ${said}`, retry };
}

function jsonOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
