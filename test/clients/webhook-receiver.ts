import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody's web server to which notices are posted; keeps what it gets. */
export async function webhookReceiver() {
  const got: ReceivedNotice[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    got.push({ path: request.url ?? '', headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    got: (path: string) => got.filter((notice) => notice.path === path),
    close: () => new Promise((done) => server.close(done)),
  };
}

export interface ReceivedNotice {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  readonly body: any;
}
