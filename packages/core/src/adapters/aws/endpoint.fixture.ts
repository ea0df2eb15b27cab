import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The few operations of SNS and CloudWatch Logs that trails need, over HTTP, for tests: topics and
 * log groups that are there, and what was sent to them.
 */
export async function startEndpoint(present: { topicArn: string; logGroup: string }) {
  const state = { failing: false, streams: new Set<string>(), ...present, requests: 0 };
  const messages: string[] = [];
  const logEvents: { logStream: string; timestamp: number; message: string }[] = [];

  function sns(form: URLSearchParams, response: ServerResponse): unknown {
    if (form.get('TopicArn') !== state.topicArn) {
      return xmlError(response, 404, 'NotFound', 'Topic does not exist');
    }
    const action = form.get('Action') ?? '';
    if (action === 'Publish') messages.push(form.get('Message') ?? '');
    const result = action === 'Publish' ? '<MessageId>m-1</MessageId>' : '<Attributes/>';
    return response.end(
      `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
    );
  }

  function logs(operation: string, input: LogsInput, response: ServerResponse): unknown {
    const { logGroupName, logStreamName = '' } = input;
    if (operation === 'DescribeLogGroups') {
      const there = state.logGroup.startsWith(input.logGroupNamePrefix ?? '');
      const groups = there ? [{ logGroupName: state.logGroup }] : [];
      return response.end(JSON.stringify({ logGroups: groups }));
    }
    if (logGroupName !== state.logGroup) return jsonError(response, 'ResourceNotFoundException');
    if (operation === 'CreateLogStream') {
      state.streams.add(logStreamName);
      return response.end();
    }
    if (!state.streams.has(logStreamName)) return jsonError(response, 'ResourceNotFoundException');
    const events = input.logEvents ?? [];
    if (events.length === 0 || Buffer.byteLength(JSON.stringify(events)) > 1_100_000) {
      return jsonError(response, 'InvalidParameterException');
    }
    logEvents.push(...events.map((event) => ({ logStream: logStreamName, ...event })));
    return response.end(JSON.stringify({}));
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const target = request.headers['x-amz-target'];
    state.requests++;
    if (typeof target === 'string') {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (state.failing) return jsonError(response, 'InvalidParameterException');
      return logs(target.split('.')[1] ?? '', JSON.parse(body) as LogsInput, response);
    }
    response.setHeader('content-type', 'text/xml');
    if (state.failing) return xmlError(response, 403, 'AuthorizationError', 'Not permitted');
    return sns(new URLSearchParams(body), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    messages,
    logEvents,
    options: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface LogsInput {
  readonly logGroupName?: string;
  readonly logGroupNamePrefix?: string;
  readonly logStreamName?: string;
  readonly logEvents?: readonly { timestamp: number; message: string }[];
}

function xmlError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): unknown {
  response.statusCode = status;
  const parts = `<Type>Sender</Type><Code>${code}</Code><Message>${message}</Message>`;
  const error = `<Error>${parts}</Error>`;
  return response.end(`<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`);
}

function jsonError(response: ServerResponse, code: string): unknown {
  response.statusCode = 400;
  return response.end(JSON.stringify({ __type: code, message: `${code} it is.` }));
}
