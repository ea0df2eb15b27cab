import { answerQuestions } from './child.ts';
import { type Connection, connection } from './http-connection.ts';
import { type Round, readTemplates, stampRecord, type Template, writeRecord } from './records.ts';

/** The load generator: a process of its own, so that the server's CPU time is the server's alone. */
export type LoadQuestion = IngestLoad | CallsLoad;

/** Sends the round's records, `recordsPerRequest` each, and waits for all acknowledgements. */
export interface IngestLoad {
  readonly kind: 'ingest';
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly recordsPerRequest: number;
  readonly round: Round;
}

/** Sends each request once. `expect`: what must be in its reply. */
export interface CallsLoad {
  readonly kind: 'calls';
  readonly port: number;
  readonly connections: number;
  readonly calls: readonly { readonly request: Buffer; readonly expect: string }[];
}

export interface LoadReport {
  readonly replies: number;
  /** The sum of `accepted` in the replies. */
  readonly accepted: number;
  readonly bytes: number;
  readonly wallMs: number;
  /** Of every request, from the fastest to the slowest. */
  readonly timesMs: Float64Array;
  /** Bodies of the first few replies that were not as they should be. */
  readonly wrong: readonly string[];
}

/** A request that is laid out already; only the records' numbers are written anew. */
interface Body {
  readonly request: Buffer;
  readonly recordsAt: readonly number[];
  readonly templates: readonly Template[];
  busy: boolean;
}

const wrongMax = 3;
let templates: readonly Template[] | undefined;
let bodies: { readonly key: string; readonly list: readonly Body[] } | undefined;

answerQuestions<LoadQuestion>((question) =>
  question.kind === 'ingest' ? ingest(question) : calls(question),
);

async function ingest(load: IngestLoad): Promise<LoadReport> {
  const { round, recordsPerRequest } = load;
  const list = bodiesFor(load);
  if (list.length <= load.connections) throw new Error('there are too few bodies');
  if (round.first % recordsPerRequest !== 0) throw new Error('a round begins inside of a request');
  let accepted = 0;
  let bytes = 0;
  return drive(load, Math.ceil(round.count / recordsPerRequest), {
    requestAt(index) {
      const first = round.first + index * recordsPerRequest;
      const body = list[(first / recordsPerRequest) % list.length]!;
      if (body.busy) throw new Error('a body is sent anew before its reply came');
      body.busy = true;
      body.recordsAt.forEach((at, i) => {
        stampRecord(body.request, at, body.templates[i]!, first + i, round);
      });
      bytes += body.request.length;
      return body.request;
    },
    isRight(index, text) {
      const body = list[(round.first / recordsPerRequest + index) % list.length]!;
      body.busy = false;
      const outcome = JSON.parse(text.toString()) as { accepted?: number };
      accepted += outcome.accepted ?? 0;
      return outcome.accepted === recordsPerRequest;
    },
    totals: () => ({ accepted, bytes }),
  });
}

function calls(load: CallsLoad): Promise<LoadReport> {
  return drive(load, load.calls.length, {
    requestAt: (index) => load.calls[index]!.request,
    isRight: (index, text) => text.includes(load.calls[index]!.expect),
    totals: () => ({ accepted: 0, bytes: 0 }),
  });
}

interface Plan {
  requestAt(index: number): Buffer;
  isRight(index: number, body: Buffer): boolean;
  totals(): { accepted: number; bytes: number };
}

async function drive(
  { port, connections }: { port: number; connections: number },
  count: number,
  plan: Plan,
): Promise<LoadReport> {
  const times: number[] = [];
  const wrong: string[] = [];
  let next = 0;
  const began = performance.now();
  async function work(line: Connection): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      const request = plan.requestAt(index);
      const sent = performance.now();
      const { status, body } = await line.send(request);
      times.push(performance.now() - sent);
      if (plan.isRight(index, body) && status === 200) continue;
      if (wrong.length < wrongMax) wrong.push(`${status} ${body.toString().slice(0, 500)}`);
    }
  }
  const lines = Array.from({ length: connections }, () => connection(port));
  try {
    await Promise.all(lines.map(work));
  } finally {
    for (const line of lines) line.close();
  }
  const wallMs = performance.now() - began;
  const timesMs = Float64Array.from(times).sort();
  const { accepted, bytes } = plan.totals();
  return { replies: times.length, accepted, bytes, wallMs, timesMs, wrong };
}

/** As many as hold every template once: a few megabytes. */
function bodiesFor({ path, port, recordsPerRequest }: IngestLoad): readonly Body[] {
  const key = `${port}${path} ${recordsPerRequest}`;
  if (bodies?.key === key) return bodies.list;
  templates ??= readTemplates();
  const count = Math.floor(templates.length / recordsPerRequest);
  const list = Array.from({ length: count }, (_, index) => {
    const own = templates!.slice(index * recordsPerRequest, (index + 1) * recordsPerRequest);
    return layOut(path, port, own);
  });
  bodies = { key, list };
  return list;
}

function layOut(path: string, port: number, own: readonly Template[]): Body {
  const opening = '{"Records":[';
  const size = own.reduce((sum, { bytes }) => sum + bytes.length + 1, opening.length + 1);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n${opening}`;
  const request = Buffer.alloc(head.length - opening.length + size);
  let at = request.write(head, 0, 'latin1');
  const round: Round = { first: 0, count: own.length, at: 0, places: 1 };
  const recordsAt = own.map((template, index) => {
    if (index > 0) request[at++] = 0x2c;
    const begins = at;
    at = writeRecord(request, at, template, 0, round);
    return begins;
  });
  request.write(']}', at, 'latin1');
  return { request, recordsAt, templates: own, busy: false };
}
