import { homeAccount, homeRegion } from './records.ts';

/** A call of the API, as the bytes that a client sends. Dev mode and moto take any signature. */
export interface ApiCall {
  readonly operation: string;
  readonly input: object;
  /** It is the access key id too, which is how dev mode knows the account. */
  readonly account: string;
  readonly region: string;
}

export function s3Request(port: number, method: string, path: string): Buffer {
  const scope = `${homeAccount}/20261121/${homeRegion}/s3/aws4_request`;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'x-amz-date: 20261121T000000Z',
    `authorization: AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    'content-length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

export function apiRequest(port: number, { operation, input, account, region }: ApiCall): Buffer {
  const body = JSON.stringify(input);
  const scope = `${account}/20261121/${region}/cloudtrail/aws4_request`;
  const lines = [
    'POST / HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'content-type: application/x-amz-json-1.1',
    `x-amz-target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.${operation}`,
    'x-amz-date: 20261121T000000Z',
    'user-agent: aws-sdk-js/3.1137.0 os/linux lang/js md/nodejs#20',
    `authorization: AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
