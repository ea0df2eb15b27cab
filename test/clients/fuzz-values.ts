import { type OperationName, operationSchema, type Shape } from '@trailkeep/core/wire/shapes.ts';
import type { Random } from './fuzz-random.ts';

/** JSON of a request that has the operation's shape and values that may well be valid. */
export function plausibleInput(random: Random, operation: OperationName): string {
  return JSON.stringify(plausible(random, operationSchema(operation).input, '', 0));
}

/** One way in which JSON text can be not what a server hopes for. */
export function mutated(random: Random, text: string): string | Buffer {
  return random.pick(mutations)(random, text);
}

const depthMax = 6;

function plausible(random: Random, shape: Shape, member: string, depth: number): unknown {
  switch (shape.kind) {
    case 'structure': {
      const entries = [...shape.members].filter(
        ([name]) => shape.required.has(name) || random.chance(0.4),
      );
      return Object.fromEntries(
        entries.map(([name, of]) => [name, plausible(random, of, name, depth + 1)]),
      );
    }
    case 'list': {
      const length = depth > depthMax ? 0 : random.below(3);
      return Array.from({ length }, () => plausible(random, shape.member, member, depth + 1));
    }
    case 'map':
      return { 'aws:SourceIp': plausible(random, shape.value, member, depth + 1) };
    case 'number':
      return random.pick([1, 7, 50, 90, 2557, 0, -1]);
    case 'boolean':
      return random.chance(0.5);
    case 'timestamp':
      return random.pick([1_767_225_600, 1_767_225_600.5, 0, -1, 4_102_444_800]);
    default:
      return text(random, member);
  }
}

function text(random: Random, member: string): string {
  const known = knownTexts[member];
  return known && random.chance(0.8) ? random.pick(known) : random.pick(strangeTexts);
}

const arns = [
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/fuzz-1',
  'arn:aws:cloudtrail:us-east-1:123456789012:trail/fuzz-2',
  'arn:aws:cloudtrail:eu-west-1:123456789012:trail/fuzz-1',
  'arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE',
  'arn:aws:cloudtrail:us-east-1:123456789012:channel/01234567890',
  'arn:aws:cloudtrail:us-east-1:000000000000:trail/fuzz-1',
  'arn:',
];
const trailNames = ['fuzz-1', 'fuzz-2', 'fuzz-3', 'fuzz-4', ...arns];
const knownTexts: Readonly<Record<string, readonly string[]>> = {
  Name: trailNames,
  TrailName: trailNames,
  ResourceId: arns,
  ResourceIdList: arns,
  trailNameList: trailNames,
  S3BucketName: ['fuzz-bucket', 'no-such-bucket', 'Not_A_Bucket', '10.0.0.1'],
  S3KeyPrefix: ['prefix', 'prefix/', '', '../..', 'a'.repeat(300)],
  SnsTopicName: ['topic', 'arn:aws:sns:us-east-1:123456789012:topic', ''],
  KmsKeyId: ['alias/key', 'arn:aws:kms:us-east-1:123456789012:key/1234abcd', ''],
  ReadWriteType: ['All', 'ReadOnly', 'WriteOnly', 'Nothing'],
  Type: ['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::No::Such'],
  Values: ['arn:aws:s3', 'arn:aws:s3:::bucket/', 'arn:aws:lambda', '*'],
  Field: ['eventCategory', 'resources.type', 'readOnly', 'resources.ARN', 'eventName', 'nonsense'],
  Equals: ['Management', 'Data', 'AWS::S3::Object', 'true', 'false'],
  AttributeKey: ['EventId', 'EventName', 'Username', 'ReadOnly', 'AccessKeyId', 'Nonsense'],
  AttributeValue: ['RunInstances', 'alice', 'true'],
  EventCategory: ['insight', 'management'],
};

const strangeTexts = [
  '',
  ' ',
  'fuzz-1',
  '__proto__',
  'constructor',
  'a'.repeat(100_000),
  '\u0000\u0001\u001f',
  '\u202e right to left',
  '😀'.repeat(50),
  '%00%2e%2e%2f',
  "'; DROP TABLE trails; --",
  `\${jndi:ldap://127.0.0.1/a}`,
  '<script>alert(1)</script>',
  `arn:aws:cloudtrail:us-east-1:123456789012:trail/${'x'.repeat(2000)}`,
  `${'a'.repeat(40)}!`,
];

type Mutation = (random: Random, text: string) => string | Buffer;

const wrongValues = [
  'null',
  '{}',
  '[]',
  '""',
  '0',
  '-0',
  '1e999',
  '1e21',
  'true',
  'NaN',
  '[[]]',
  '{"__proto__":{"polluted":true}}',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '18446744073709551616',
  '"2026-01-01T00:00:00Z"',
];

const mutations: readonly Mutation[] = [
  replaceValue,
  replaceValue,
  replaceValue,
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random) => random.pick(wrongValues),
  (random, text) => `${text.slice(0, -1)},${random.pick(['"Name":"again"', '"a":1'])}}`,
  (random, text) => text.replace('{', `{"__proto__":{"${random.pick(['a', 'Name'])}":1},`),
  (_, text) => text.replace('{', '{"constructor":{"prototype":{"x":1}},"Name":1,"Name":2,'),
  (random) => deep(random, '['),
  (random) => deep(random, '{"Name":'),
  (_, text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
  (_, text) => Buffer.from(text, 'utf16le'),
  flipBytes,
  (random, text) => text.replace(/"/g, random.pick(["'", '\\"', '"'])),
  (_, text) => `${text}${text}`,
  () => '',
  (random) => 'x'.repeat(random.below(10_000)),
  (random) => `{"Name":"${'\\u0000'.repeat(random.below(2000))}"}`,
  (random) => `{"TagsList":[${Array(random.below(5000)).fill('{"Key":"k"}').join(',')}]}`,
];

function replaceValue(random: Random, text: string): string {
  const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?[\d.e+]+|true|false|null)/g)];
  const found = values[random.below(values.length || 1)];
  if (!found) return random.pick(wrongValues);
  const value = random.chance(0.5)
    ? random.pick(wrongValues)
    : JSON.stringify(random.pick(strangeTexts));
  return `${text.slice(0, found.index + 1)}${value}${text.slice(found.index + found[0].length)}`;
}

function deep(random: Random, opening: string): string {
  const levels = random.pick([100, 5000, 200_000]);
  return opening.repeat(levels) + (random.chance(0.5) ? '1' : '');
}

function flipBytes(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text);
  for (let flips = 1 + random.below(8); flips > 0 && bytes.length > 0; flips -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}
