import { S3Client } from '@aws-sdk/client-s3';

/** For tests: AWS's own client of served buckets. It tries once. */
export function servedClient(
  endpoint: string,
  region = 'us-east-1',
  accessKeyId = 'AKIDEXAMPLE',
): S3Client {
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}
