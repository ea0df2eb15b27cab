import type {
  LifecycleExpiration,
  LifecycleFilter,
  LifecycleRule,
  LifecycleTransition,
} from '@trailkeep/core/adapters/embedded/buckets/bucket-settings.ts';
import { isRefusal, refuse } from '@trailkeep/core/domain/refusal.ts';
import { checkedStorageClass } from './object-headers.ts';
import { malformedXml, notBuilt, type S3Refusal } from './s3-refusals.ts';
import { readTags } from './tag-sets.ts';
import { child, childrenOf, childText, type XmlElement } from './xml-reader.ts';

/** One `<Rule>` of a lifecycle configuration; `index` makes the id of a rule without one. */
export function readLifecycleRule(rule: XmlElement, index: number): LifecycleRule | S3Refusal {
  const status = childText(rule, 'Status');
  const id = childText(rule, 'ID') || `rule-${index + 1}`;
  if ((status !== 'Enabled' && status !== 'Disabled') || id.length > idLengthMax) {
    return malformedXml;
  }
  if (child(rule, 'NoncurrentVersionTransition') !== undefined) {
    return notBuilt('transitions of noncurrent versions');
  }
  const filter = readFilter(rule);
  const expiration = readExpiration(child(rule, 'Expiration'));
  const noncurrentExpiration = readNoncurrent(child(rule, 'NoncurrentVersionExpiration'));
  const abort = child(rule, 'AbortIncompleteMultipartUpload');
  const abortUploadsAfterDays = abort && readDays(abort, 'DaysAfterInitiation');
  const transitions = childrenOf(rule, 'Transition').map(readTransition);
  for (const part of [filter, expiration, noncurrentExpiration, abortUploadsAfterDays]) {
    if (isRefusal(part)) return part;
  }
  const refused = transitions.find((transition) => isRefusal(transition));
  if (isRefusal(refused)) return refused;
  const read = {
    id,
    enabled: status === 'Enabled',
    filter: filter as LifecycleFilter,
    expiration: expiration as LifecycleExpiration | undefined,
    noncurrentExpiration: noncurrentExpiration as LifecycleRule['noncurrentExpiration'],
    abortUploadsAfterDays: abortUploadsAfterDays as number | undefined,
    transitions: transitions as readonly LifecycleTransition[],
  };
  return refusedRule(read) ?? read;
}

function refusedRule(rule: LifecycleRule): S3Refusal | undefined {
  const acts =
    rule.expiration ??
    rule.noncurrentExpiration ??
    rule.abortUploadsAfterDays ??
    rule.transitions[0];
  if (acts === undefined) {
    return refuse('InvalidRequest', 'At least one action needs to be specified in a rule');
  }
  const narrow = rule.filter.tags.length > 0;
  if (rule.abortUploadsAfterDays !== undefined && narrow) {
    const message = 'AbortIncompleteMultipartUpload cannot be specified with Tags';
    return refuse('InvalidRequest', message);
  }
  if (rule.expiration?.expiredObjectDeleteMarker && narrow) {
    return refuse('InvalidRequest', 'ExpiredObjectDeleteMarker cannot be specified with Tags');
  }
  return undefined;
}

function readFilter(rule: XmlElement): LifecycleFilter | S3Refusal {
  const filter = child(rule, 'Filter');
  const legacy = childText(rule, 'Prefix');
  if (filter === undefined) {
    return legacy === undefined ? malformedXml : { prefix: legacy, tags: [], form: 'legacyPrefix' };
  }
  if (legacy !== undefined) return malformedXml;
  const and = child(filter, 'And');
  const conditions = and ?? filter;
  const tags = readTags(conditions);
  const count = conditions.children.length;
  if (tags === undefined || (and === undefined && count > 1)) return malformedXml;
  const sizeGreaterThan = readSize(conditions, 'ObjectSizeGreaterThan');
  const sizeLessThan = readSize(conditions, 'ObjectSizeLessThan');
  if (isRefusal(sizeGreaterThan)) return sizeGreaterThan;
  if (isRefusal(sizeLessThan)) return sizeLessThan;
  const form = and === undefined ? (count === 0 ? 'empty' : 'single') : 'and';
  return { prefix: childText(conditions, 'Prefix'), tags, sizeGreaterThan, sizeLessThan, form };
}

function readSize(parent: XmlElement, name: string): number | undefined | S3Refusal {
  const text = childText(parent, name);
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : malformedXml;
}

function readExpiration(
  found: XmlElement | undefined,
): LifecycleExpiration | undefined | S3Refusal {
  if (found === undefined) return undefined;
  if (found.children.length !== 1) return malformedXml;
  const marker = childText(found, 'ExpiredObjectDeleteMarker');
  if (marker !== undefined) return { expiredObjectDeleteMarker: marker === 'true' };
  return readWhen(found, 1);
}

function readNoncurrent(
  found: XmlElement | undefined,
): LifecycleRule['noncurrentExpiration'] | S3Refusal {
  if (found === undefined) return undefined;
  const days = readDays(found, 'NoncurrentDays');
  if (isRefusal(days)) return days;
  const newer = childText(found, 'NewerNoncurrentVersions');
  if (newer === undefined) return { days };
  const newerVersions = Number(newer);
  const valid = Number.isInteger(newerVersions) && newerVersions >= 1 && newerVersions <= 100;
  return valid ? { days, newerVersions } : malformedXml;
}

function readTransition(found: XmlElement): LifecycleTransition | S3Refusal {
  const storageClass = checkedStorageClass(childText(found, 'StorageClass') ?? '');
  if (isRefusal(storageClass)) return storageClass;
  const when = readWhen(found, 0);
  if (isRefusal(when)) return when;
  if (infrequentAccess.has(storageClass) && (when.days ?? infrequentDaysMin) < infrequentDaysMin) {
    const message =
      `'Days' in Transition action must be greater than or equal to ${infrequentDaysMin} ` +
      `for storageClass '${storageClass}'`;
    return refuse('InvalidArgument', message);
  }
  return { ...when, storageClass };
}

function readWhen(
  found: XmlElement,
  daysMin: number,
): { days?: number; date?: number } | S3Refusal {
  const date = childText(found, 'Date');
  if (date === undefined) {
    const days = readDays(found, 'Days', daysMin);
    return isRefusal(days) ? days : { days };
  }
  const time = Date.parse(date);
  if (Number.isNaN(time)) return malformedXml;
  const midnight = time % dayMs === 0;
  return midnight ? { date: time } : refuse('InvalidArgument', "'Date' must be at midnight GMT");
}

function readDays(parent: XmlElement, name: string, min = 1): number | S3Refusal {
  const text = childText(parent, name) ?? '';
  if (!/^\d{1,9}$/.test(text)) return malformedXml;
  if (Number(text) >= min) return Number(text);
  return refuse('InvalidArgument', `'${name}' for the action must be a positive integer`);
}

const infrequentAccess = new Set(['STANDARD_IA', 'ONEZONE_IA']);
const infrequentDaysMin = 30;
const idLengthMax = 255;
const dayMs = 24 * 60 * 60 * 1000;
