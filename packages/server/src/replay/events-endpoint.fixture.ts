import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * POST /_trailkeep/events as the server answers it, for tests: records are known by eventID, and
 * those named `Bad` are rejected.
 */
export async function startEventsEndpoint() {
  const records = new Map<string, Received>();
  const state = {
    records,
    requests: [] as { records: number; bytes: number }[],
    inFlight: 0,
    inFlightMost: 0,
    clock: Date.UTC(2030, 0, 1),
    /** Taken one after the other before requests are answered properly. */
    failures: [] as ({ status: number; body: string } | 'reset')[],
  };
  function accept(body: string): object {
    const outcome = { accepted: 0, duplicates: 0, rejected: [] as object[] };
    const given = (JSON.parse(body) as { Records: Received[] }).Records;
    state.requests.push({ records: given.length, bytes: body.length });
    given.forEach((record, index) => {
      const known = records.get(record.eventID);
      if (record.eventName === 'Bad') {
        outcome.rejected.push({ index, code: 'InvalidField', message: 'Bad it is.' });
      } else if (known === undefined) {
        records.set(record.eventID, record);
        outcome.accepted++;
      } else if (JSON.stringify(known) === JSON.stringify(record)) outcome.duplicates++;
      else outcome.rejected.push({ index, code: 'EventIdConflict', message: 'Known already.' });
    });
    return outcome;
  }
  const server = createServer(async (request, response) => {
    state.inFlight++;
    state.inFlightMost = Math.max(state.inFlightMost, state.inFlight);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    state.inFlight--;
    if (request.method === 'GET') {
      response.end(JSON.stringify({ now: new Date(state.clock).toISOString() }));
      return;
    }
    const failure = state.failures.shift();
    if (failure === 'reset') request.socket.destroy();
    else if (failure !== undefined) response.writeHead(failure.status).end(failure.body);
    else response.end(JSON.stringify(accept(Buffer.concat(chunks).toString('utf8'))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Received {
  readonly eventID: string;
  readonly eventName?: string;
  readonly eventTime?: string;
  readonly recipientAccountId?: string;
}
