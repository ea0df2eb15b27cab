import {
  type Lifecycle,
  type LifecycleExpiration,
  type LifecycleFilter,
  type LifecycleRule,
  type LifecycleTransition,
  setting,
} from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { readLifecycleRule } from './lifecycle-rules.ts';
import { type BucketCall, done, noContent, type S3Outcome, xmlAnswer, xmlBody } from './s3-call.ts';
import { invalidArgument, malformedXml } from './s3-refusals.ts';
import { tagElements } from './tag-sets.ts';
import { childrenOf } from './xml-reader.ts';
import { element, elements, s3Document, type Xml, type XmlContent } from './xml-writer.ts';

export function getLifecycle({ bucket }: BucketCall): S3Outcome {
  const lifecycle = setting(bucket, 'lifecycle');
  if (lifecycle === undefined) {
    const message = 'The lifecycle configuration does not exist';
    return refuse('NoSuchLifecycleConfiguration', message);
  }
  const headers = { [minimumSizeHeader]: lifecycle.minimumObjectSize };
  return xmlAnswer(s3Document('LifecycleConfiguration', lifecycle.rules.map(ruleXml)), headers);
}

export async function putLifecycle(call: BucketCall): Promise<S3Outcome> {
  const minimumObjectSize = call.header(minimumSizeHeader) ?? 'all_storage_classes_128K';
  if (!minimumSizes.has(minimumObjectSize)) {
    return invalidArgument('Invalid header value', minimumSizeHeader, minimumObjectSize);
  }
  const root = await xmlBody(call, 'LifecycleConfiguration');
  if (isRefusal(root)) return root;
  const found = childrenOf(root, 'Rule');
  if (found.length === 0 || found.length > rulesMax) return malformedXml;
  const rules: LifecycleRule[] = [];
  for (const one of found) {
    const rule = readLifecycleRule(one, rules.length);
    if (isRefusal(rule)) return rule;
    if (rules.some(({ id }) => id === rule.id)) {
      return refuse(
        'InvalidArgument',
        'Rule ID must be unique. Found same ID for more than one rule',
      );
    }
    rules.push(rule);
  }
  const lifecycle: Lifecycle = { rules, minimumObjectSize };
  const refused = await call.buckets.set(call.bucketName, 'lifecycle', lifecycle);
  return refused ?? { ...done, headers: { [minimumSizeHeader]: minimumObjectSize } };
}

export async function deleteLifecycle(call: BucketCall): Promise<S3Outcome> {
  return (await call.buckets.set(call.bucketName, 'lifecycle', undefined)) ?? noContent;
}

function ruleXml(rule: LifecycleRule): Xml {
  const { noncurrentExpiration: noncurrent, abortUploadsAfterDays: days } = rule;
  return element('Rule', [
    element('ID', rule.id),
    filterXml(rule.filter),
    element('Status', rule.enabled ? 'Enabled' : 'Disabled'),
    element('Expiration', rule.expiration && expirationXml(rule.expiration)),
    rule.transitions.map((transition) => element('Transition', transitionXml(transition))),
    element(
      'NoncurrentVersionExpiration',
      noncurrent && [
        element('NoncurrentDays', noncurrent.days),
        element('NewerNoncurrentVersions', noncurrent.newerVersions),
      ],
    ),
    element(
      'AbortIncompleteMultipartUpload',
      days === undefined ? undefined : element('DaysAfterInitiation', days),
    ),
  ]);
}

function filterXml(filter: LifecycleFilter): XmlContent {
  const prefix = element('Prefix', filter.prefix);
  if (filter.form === 'none') return undefined;
  if (filter.form === 'legacyPrefix') return prefix;
  const conditions = [
    prefix,
    tagElements(filter.tags),
    element('ObjectSizeGreaterThan', filter.sizeGreaterThan),
    element('ObjectSizeLessThan', filter.sizeLessThan),
  ];
  return element('Filter', filter.form === 'and' ? element('And', conditions) : conditions);
}

function expirationXml(expiration: LifecycleExpiration): Xml {
  const { days, date, expiredObjectDeleteMarker } = expiration;
  return elements({
    Days: days,
    Date: dateText(date),
    ExpiredObjectDeleteMarker: expiredObjectDeleteMarker,
  });
}

function transitionXml({ days, date, storageClass }: LifecycleTransition): Xml {
  return elements({ Days: days, Date: dateText(date), StorageClass: storageClass });
}

function dateText(date: number | undefined): string | undefined {
  return date === undefined ? undefined : new Date(date).toISOString();
}

const minimumSizeHeader = 'x-amz-transition-default-minimum-object-size';
const minimumSizes = new Set(['all_storage_classes_128K', 'varies_by_storage_class']);
const rulesMax = 1_000;
