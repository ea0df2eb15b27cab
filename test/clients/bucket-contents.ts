import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { s3Of } from './sdk-clients.ts';

/** What lies in a bucket of the server, read as any S3 client reads it. */
export function bucketContents(endpoint: string, bucket: string, account?: string) {
  const s3 = s3Of(endpoint, account);

  async function keys(prefix = ''): Promise<string[]> {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }),
      );
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return found;
  }

  async function object(key: string) {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    return { body, ...answer };
  }

  async function document(key: string): Promise<string> {
    return gunzipSync((await object(key)).body).toString();
  }

  async function records(prefix = ''): Promise<DeliveredRecord[]> {
    const files = (await keys(prefix)).filter((key) => key.includes('/CloudTrail/'));
    const documents = await Promise.all(files.map(document));
    return documents.flatMap((text) => (JSON.parse(text) as LogFile).Records);
  }

  return { keys, object, document, records };
}

interface LogFile {
  readonly Records: DeliveredRecord[];
}

export interface DeliveredRecord {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly [member: string]: unknown;
}
