import { type ServedBuckets, serveBuckets } from '@trailkeep/server/s3/served-buckets.fixture.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../describe-with.ts';
import { newTerraform, type Terraform } from './support/terraform.ts';

describeWith('terraform', 'Terraform against the buckets', (tool) => {
  let served: ServedBuckets;
  let terraform: Terraform;

  beforeAll(async () => {
    served = await serveBuckets();
    terraform = await newTerraform(served.endpoint, tool.mirror ?? '');
    await terraform.configure(configuration({ days: 365, owner: 'audit' }));
    await run('init', '-no-color');
  });

  afterAll(async () => {
    await terraform.close();
    await served.close();
    expect(served.errors).toEqual([]);
  });

  async function run(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await terraform.run(...args);
    expect(`${exitCode}\n${exitCode === 0 ? '' : stdout + stderr}`, args.join(' ')).toBe('0\n');
    return stdout;
  }

  /** -detailed-exitcode: 0 says that nothing would change. */
  async function expectClean(): Promise<void> {
    const plan = await terraform.run('plan', '-detailed-exitcode', '-no-color');
    expect(`${plan.exitCode}${plan.exitCode === 0 ? '' : plan.stdout + plan.stderr}`).toBe('0');
  }

  test('a log bucket is applied, planned clean, changed, imported and destroyed', async () => {
    await run('apply', '-auto-approve', '-no-color');
    await expectClean();
    await terraform.configure(configuration({ days: 30, owner: 'security' }));
    await run('apply', '-auto-approve', '-no-color');
    await expectClean();
    await run('state', 'rm', ...imported);
    await terraform.configure(configuration({ days: 30, owner: 'security' }) + importBlocks());
    const applied = await run('apply', '-auto-approve', '-no-color');
    expect(applied).toMatch(/7 imported, 0 added, \d changed, 0 destroyed/);
    await expectClean();
    await run('destroy', '-auto-approve', '-no-color');
    expect(served.buckets.parts.buckets.all()).toEqual([]);
  }, 300_000);
});

const imported = [
  'aws_s3_bucket.logs',
  'aws_s3_bucket_policy.logs',
  'aws_s3_bucket_versioning.logs',
  'aws_s3_bucket_public_access_block.logs',
  'aws_s3_bucket_server_side_encryption_configuration.logs',
  'aws_s3_bucket_lifecycle_configuration.logs',
  'aws_s3_bucket_ownership_controls.logs',
];

function importBlocks(): string {
  const block = (to: string) => `import {\n  to = ${to}\n  id = "terraform-logs"\n}\n`;
  return imported.map(block).join('');
}

interface Wanted {
  readonly days: number;
  readonly owner: string;
}

function configuration(wanted: Wanted): string {
  return bucketAndPolicy(wanted) + settings(wanted) + object(wanted);
}

function bucketAndPolicy({ owner }: Wanted): string {
  return `
resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
  tags          = { owner = "${owner}" }
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AclCheck"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.logs.arn
      },
      {
        Sid       = "Write"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "\${aws_s3_bucket.logs.arn}/AWSLogs/123456789012/*"
        Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
    ]
  })
}
`;
}

function settings({ days }: Wanted): string {
  return `
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter { prefix = "AWSLogs/" }
    expiration { days = ${days} }
    noncurrent_version_expiration { noncurrent_days = 7 }
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
  }
  rule {
    id     = "all"
    status = "Disabled"
    filter {}
    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
`;
}

function object({ owner }: Wanted): string {
  return `
resource "aws_s3_object" "readme" {
  bucket       = aws_s3_bucket.logs.id
  key          = "readme.txt"
  content      = "kept by ${owner}"
  content_type = "text/plain"
  tags         = { owner = "${owner}" }
  depends_on   = [aws_s3_bucket_versioning.logs]
}
`;
}
