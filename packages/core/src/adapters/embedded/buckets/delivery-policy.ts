import type { ObjectPut } from '../../../ports/object-store.ts';

/** Whether the bucket's policy lets CloudTrail put the object. */
export type MayDeliver = (
  policy: string | undefined,
  bucket: string,
  key: string,
  put: ObjectPut,
) => boolean;

/**
 * The default: yes, unless a statement without conditions denies s3:PutObject there to
 * cloudtrail.amazonaws.com. Whether CloudTrail is allowed to is asked when a trail is made.
 */
export const notDenied: MayDeliver = (policy, bucket, key) => {
  if (policy === undefined) return true;
  return !statementsOf(policy).some((statement) => denies(statement, bucket, key));
};

function denies(statement: Statement, bucket: string, key: string): boolean {
  return (
    statement.Effect === 'Deny' &&
    statement.Condition === undefined &&
    isCloudTrail(statement.Principal) &&
    listOf(statement.Action).some((action) => matches(action.toLowerCase(), 's3:putobject')) &&
    listOf(statement.Resource).some((arn) => matches(arn, `arn:aws:s3:::${bucket}/${key}`))
  );
}

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

function statementsOf(policy: string): readonly Statement[] {
  const document = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  return [document.Statement ?? []].flat();
}

function isCloudTrail(principal: unknown): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null) return false;
  const { AWS, Service } = principal as { AWS?: unknown; Service?: unknown };
  return listOf(AWS).includes('*') || listOf(Service).includes('cloudtrail.amazonaws.com');
}

function listOf(value: unknown): readonly string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}

/** `*` and `?`, in time proportional to the two lengths' product at most. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p;
      starText = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      starText += 1;
      t = starText;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
