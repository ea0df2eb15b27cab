import type { Bucket } from './bucket-rows.ts';
import type { ObjectEncryption, Tag } from './stored-version.ts';

/** The settings that buckets have here, as the index keeps them: text, or JSON of these shapes. */
export interface BucketSettings {
  /** The policy document, as it was put. */
  policy: string;
  versioning: 'Enabled' | 'Suspended';
  requestPayment: 'Requester' | 'BucketOwner';
  ownership: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  /** A canned ACL. */
  acl: string;
  encryption: ObjectEncryption;
  tagging: readonly Tag[];
  publicAccessBlock: PublicAccessBlock;
  lifecycle: Lifecycle;
}

export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  /** `all_storage_classes_128K` or `varies_by_storage_class`. */
  readonly minimumObjectSize: string;
}

export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly filter: LifecycleFilter;
  readonly expiration?: LifecycleExpiration;
  readonly noncurrentExpiration?: { readonly days: number; readonly newerVersions?: number };
  readonly abortUploadsAfterDays?: number;
  readonly transitions: readonly LifecycleTransition[];
}

export interface LifecycleFilter {
  readonly prefix?: string;
  readonly tags: readonly Tag[];
  readonly sizeGreaterThan?: number;
  readonly sizeLessThan?: number;
  /** How it was written, so that it is read back the same way. */
  readonly form: 'none' | 'legacyPrefix' | 'empty' | 'single' | 'and';
}

export interface LifecycleExpiration {
  readonly days?: number;
  /** Milliseconds since the epoch. */
  readonly date?: number;
  readonly expiredObjectDeleteMarker?: boolean;
}

export interface LifecycleTransition {
  readonly days?: number;
  readonly date?: number;
  readonly storageClass: string;
}

export type SettingName = keyof BucketSettings;

export function setting<Name extends SettingName>(
  bucket: Bucket,
  name: Name,
): BucketSettings[Name] | undefined {
  const text = bucket.settings.get(name);
  if (text === undefined) return undefined;
  return (name === 'policy' ? text : JSON.parse(text)) as BucketSettings[Name];
}

export function settingText<Name extends SettingName>(
  name: Name,
  value: BucketSettings[Name],
): string {
  return name === 'policy' ? (value as string) : JSON.stringify(value);
}
