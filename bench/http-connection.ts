import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One keep-alive connection of HTTP/1.1 that sends requests that are bytes already, one at a time.
 * It costs a fraction of node:http, so that the client is not what is measured.
 */
export interface Connection {
  send(request: Buffer): Promise<Reply>;
  close(): void;
}

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

interface Head {
  readonly status: number;
  readonly bodyAt: number;
  readonly bodyLength: number;
  readonly closes: boolean;
}

export function connection(port: number): Connection {
  let socket: Socket | undefined;
  let pending: Pending | undefined;
  let chunks: Buffer[] = [];
  let received = 0;
  let head: Head | undefined;

  function open(): Socket {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true });
    opened.on('data', take);
    opened.on('error', (error) => lose(opened, error));
    opened.on('close', () => lose(opened, new Error('the server closed the connection')));
    return opened;
  }

  /** Of a connection that was given up before, nothing is lost. */
  function lose(lost: Socket, error: Error): void {
    if (socket !== lost) return;
    socket = undefined;
    pending?.reject(error);
    pending = undefined;
  }

  function take(chunk: Buffer): void {
    chunks.push(chunk);
    received += chunk.length;
    head ??= readHead(chunks.length === 1 ? chunk : Buffer.concat(chunks));
    if (head === undefined || received < head.bodyAt + head.bodyLength) return;
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const { status, bodyAt, bodyLength, closes } = head;
    const reply = { status, body: bytes.subarray(bodyAt, bodyAt + bodyLength) };
    chunks = [];
    received = 0;
    head = undefined;
    if (closes) {
      socket?.destroy();
      socket = undefined;
    }
    const done = pending;
    pending = undefined;
    done?.resolve(reply);
  }

  return {
    send(request) {
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        socket ??= open();
        socket.write(request);
      });
    },
    close: () => socket?.destroy(),
  };
}

/** Undefined while the head is not complete. The servers here all say how long their bodies are. */
function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const text = bytes.toString('latin1', 0, end).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(text);
  if (length === null) throw new Error(`a reply without content-length: ${text}`);
  return {
    status: Number(text.slice(9, 12)),
    bodyAt: end + 4,
    bodyLength: Number(length[1]),
    closes: text.includes('\r\nconnection: close') || text.startsWith('http/1.0'),
  };
}
