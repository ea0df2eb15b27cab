import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a receiver of webhooks behaves. */
export type Manner = 'takes' | 'refuses' | 'forbids' | 'resets' | 'hangs' | 'takes-and-resets';

/** A receiver of a topic's messages and of a log group's events; it remembers what it took. */
export async function webhookReceiver(): Promise<WebhookReceiver> {
  const announced: string[] = [];
  const logged: string[] = [];
  let manner: Manner = 'takes';
  let server: Server | undefined;
  let requests = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    if (manner === 'hangs') return;
    if (manner === 'resets') return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (manner === 'refuses') return void response.writeHead(500).end('not now');
    if (manner === 'forbids') return void response.writeHead(403).end('no');
    take(Buffer.concat(chunks).toString());
    if (manner === 'takes-and-resets') return void request.socket.destroy();
    response.end();
  }

  function take(body: string): void {
    const notice = JSON.parse(body) as Notice;
    if (notice.Message) announced.push(...(JSON.parse(notice.Message) as S3Notice).s3ObjectKey);
    for (const { message } of notice.logEvents ?? []) {
      logged.push((JSON.parse(message) as { eventID: string }).eventID);
    }
  }

  async function listen(port: number): Promise<number> {
    const made = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', resolve));
    server = made;
    return (made.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    const closing = server;
    server = undefined;
    closing?.closeAllConnections();
    await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
  }

  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    announced,
    logged,
    requests: () => requests,
    behave(next) {
      manner = next;
      // Whoever waits for an answer of a receiver that hangs goes on waiting for it.
      if (next !== 'hangs') server?.closeAllConnections();
    },
    goAway: close,
    comeBack: async () => void (await listen(port)),
    close,
  };
}

export interface WebhookReceiver {
  readonly url: string;
  /** Keys of the log files that topics announced, each time they did. */
  readonly announced: readonly string[];
  /** Ids of the events that log groups got, each time they did. */
  readonly logged: readonly string[];
  requests(): number;
  behave(manner: Manner): void;
  /** Nothing listens any more, until it comes back. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

interface Notice {
  readonly Message?: string;
  readonly logEvents?: readonly { readonly message: string }[];
}

interface S3Notice {
  readonly s3ObjectKey: readonly string[];
}
