/** Records of the sizes and shapes that recorded ones have, the same ones in every run. */
export function syntheticRecords(count: number): readonly Record<string, unknown>[] {
  const random = seeded(20_261_121);
  return Array.from({ length: count }, () => syntheticRecord(random));
}

type Random = () => number;

function syntheticRecord(random: Random): Record<string, unknown> {
  const [source, name, readOnly] = pick(random, calls);
  const user = `user-${Math.floor(random() ** 2 * 400)}`;
  const role = `role-${Math.floor(random() * 60)}`;
  const assumed = random() < 0.6;
  const instance = `i-${hex(random, 17)}`;
  const arn = `arn:aws:ec2:us-east-1:123456789012:instance/${instance}`;
  return {
    eventVersion: '1.08',
    userIdentity: assumed ? roleIdentity(random, role, user) : userIdentity(random, user),
    eventTime: '',
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: '',
    sourceIPAddress: `10.${byte(random)}.${byte(random)}.${byte(random)}`,
    userAgent: `aws-cli/2.${byte(random)}.0 Python/3.11.6 Linux/6.1.0-${byte(random)} exe/x86_64`,
    ...(random() < 0.08 && {
      errorCode: 'AccessDenied',
      errorMessage: `User: ${user} is not authorized to perform: ${source}:${name} on: ${arn}`,
    }),
    requestParameters: parameters(random, instance),
    responseElements: readOnly ? null : parameters(random, instance),
    requestID: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${hex(random, 12)}`,
    eventID: '',
    readOnly,
    ...(random() < 0.3 && { resources: [{ accountId: '123456789012', type: ec2Type, ARN: arn }] }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '',
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${source}.us-east-1.amazonaws.com`,
    },
  };
}

const ec2Type = 'AWS::EC2::Instance';

const calls: readonly (readonly [string, string, boolean])[] = [
  ['ec2', 'DescribeInstances', true],
  ['ec2', 'RunInstances', false],
  ['ec2', 'DescribeRegions', true],
  ['sts', 'AssumeRole', true],
  ['sts', 'GetCallerIdentity', true],
  ['iam', 'ListAttachedRolePolicies', true],
  ['iam', 'CreateAccessKey', false],
  ['kms', 'Decrypt', true],
  ['s3', 'GetBucketAcl', true],
  ['ssm', 'UpdateInstanceInformation', false],
  ['logs', 'CreateLogStream', false],
  ['lambda', 'GetFunction20150331v2', true],
];

function userIdentity(random: Random, user: string) {
  return {
    type: 'IAMUser',
    principalId: `AIDA${hex(random, 17).toUpperCase()}`,
    arn: `arn:aws:iam::123456789012:user/${user}`,
    accountId: '123456789012',
    accessKeyId: `AKIA${user.toUpperCase().padEnd(16, 'X')}`,
    userName: user,
  };
}

function roleIdentity(random: Random, role: string, session: string) {
  const principalId = `AROA${role.toUpperCase().padEnd(17, 'X')}`;
  const issued = `2026-01-0${1 + Math.floor(random() * 9)}T00:00:00Z`;
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${session}`,
    arn: `arn:aws:sts::123456789012:assumed-role/${role}/${session}`,
    accountId: '123456789012',
    accessKeyId: `ASIA${session.toUpperCase().padEnd(16, 'X')}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId,
        arn: `arn:aws:iam::123456789012:role/${role}`,
        accountId: '123456789012',
        userName: role,
      },
      webIdFederationData: {},
      attributes: { creationDate: issued, mfaAuthenticated: 'false' },
    },
  };
}

/** Mostly a few members, now and then many: sizes have a long tail. */
function parameters(random: Random, instance: string): Record<string, unknown> {
  const items = Math.floor(1 + random() ** 6 * 24);
  return {
    instancesSet: {
      items: Array.from({ length: items }, () => ({
        instanceId: random() < 0.5 ? instance : `i-${hex(random, 17)}`,
        state: { code: byte(random), name: 'running' },
      })),
    },
    filterSet: {},
    maxResults: byte(random),
  };
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

function byte(random: Random): number {
  return Math.floor(random() * 256);
}

function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 0x10000000).toString(16);
  return text.slice(0, digits);
}

/** Mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
