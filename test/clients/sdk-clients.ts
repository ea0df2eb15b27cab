import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';

const secretAccessKey = 'any';

/** A client of the SDK as an account uses it in a Region. It tries once only. */
export function cloudTrailOf(endpoint: string, account = '123456789012', region = 'us-east-1') {
  const credentials = { accessKeyId: account, secretAccessKey };
  return new CloudTrailClient({ endpoint, region, credentials, maxAttempts: 1 });
}

export function s3Of(endpoint: string, account = '123456789012') {
  const credentials = { accessKeyId: account, secretAccessKey };
  return new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
}
