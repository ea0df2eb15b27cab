import { objectBytesMax, stringBytesMax } from '../field-shapes.ts';
import { recordBytesMax } from '../record.ts';

/** A key that the scanner knows: what its value must be, and where it goes. */
export interface ScannerKey {
  readonly name: string;
  readonly kind: number;
  readonly slot?: number;
  readonly bytesMax?: number;
}

/** Kinds of values, as in scanner.as. */
const any = 1;
const object = 2;
const text = 3;
const fact = 4;
const time = 5;
const flag = 6;
const identity = 7;
const resources = 8;
const addendum = 9;
const eventId = 10;

/** Where facts go, as in scanner.as. */
export const slot = {
  eventVersion: 0,
  eventSource: 1,
  eventName: 2,
  awsRegion: 3,
  recipientAccountId: 4,
  eventType: 5,
  eventCategory: 6,
  /** Types of resources are remembered together with these. */
  sessionCredentialFromConsole: 7,
  errorCode: 8,
  userIdentityArn: 9,
  accessKeyId: 10,
  username: 11,
  /** ARNs of resources are remembered together with these. */
  vpcEndpointId: 12,
  eventID: 13,
  readOnly: 14,
  managementEvent: 15,
  identityType: 16,
  principalId: 17,
  userName: 18,
  resourceArn: 30,
  resourceType: 31,
} as const;

/** Lengths are kept in 16 bits; longer texts go the plain way. */
const factBytesMax = 2_048;

const recordKeys: readonly ScannerKey[] = [
  { name: 'eventVersion', kind: fact, slot: slot.eventVersion, bytesMax: 7 },
  { name: 'userIdentity', kind: identity },
  { name: 'eventTime', kind: time },
  { name: 'eventSource', kind: fact, slot: slot.eventSource, bytesMax: 253 },
  { name: 'eventName', kind: fact, slot: slot.eventName, bytesMax: 1_024 },
  { name: 'awsRegion', kind: fact, slot: slot.awsRegion, bytesMax: 40 },
  { name: 'sourceIPAddress', kind: text, bytesMax: recordBytesMax },
  { name: 'userAgent', kind: text, bytesMax: stringBytesMax },
  { name: 'errorCode', kind: fact, slot: slot.errorCode, bytesMax: stringBytesMax },
  { name: 'errorMessage', kind: text, bytesMax: stringBytesMax },
  { name: 'requestParameters', kind: object, bytesMax: objectBytesMax.requestParameters },
  { name: 'responseElements', kind: object, bytesMax: objectBytesMax.responseElements },
  { name: 'additionalEventData', kind: object, bytesMax: objectBytesMax.additionalEventData },
  { name: 'serviceEventDetails', kind: object, bytesMax: objectBytesMax.serviceEventDetails },
  { name: 'requestID', kind: text, bytesMax: stringBytesMax },
  { name: 'eventID', kind: eventId, slot: slot.eventID, bytesMax: 128 },
  { name: 'readOnly', kind: flag, slot: slot.readOnly },
  { name: 'eventType', kind: fact, slot: slot.eventType, bytesMax: 64 },
  { name: 'apiVersion', kind: text, bytesMax: recordBytesMax },
  { name: 'managementEvent', kind: flag, slot: slot.managementEvent },
  { name: 'resources', kind: resources },
  { name: 'recipientAccountId', kind: fact, slot: slot.recipientAccountId, bytesMax: 12 },
  { name: 'sharedEventID', kind: text, bytesMax: recordBytesMax },
  { name: 'vpcEndpointId', kind: fact, slot: slot.vpcEndpointId, bytesMax: factBytesMax },
  { name: 'vpcEndpointAccountId', kind: text, bytesMax: recordBytesMax },
  { name: 'eventCategory', kind: fact, slot: slot.eventCategory, bytesMax: 15 },
  {
    name: 'sessionCredentialFromConsole',
    kind: fact,
    slot: slot.sessionCredentialFromConsole,
    bytesMax: factBytesMax,
  },
  { name: 'addendum', kind: addendum },
  { name: 'tlsDetails', kind: object, bytesMax: recordBytesMax },
  { name: 'edgeDeviceDetails', kind: object, bytesMax: recordBytesMax },
  { name: 'eventContext', kind: object, bytesMax: recordBytesMax },
];

const identityKeys: readonly ScannerKey[] = [
  { name: 'type', kind: fact, slot: slot.identityType, bytesMax: factBytesMax },
  { name: 'principalId', kind: fact, slot: slot.principalId, bytesMax: factBytesMax },
  { name: 'arn', kind: fact, slot: slot.userIdentityArn, bytesMax: factBytesMax },
  { name: 'accountId', kind: any },
  { name: 'accessKeyId', kind: fact, slot: slot.accessKeyId, bytesMax: factBytesMax },
  { name: 'userName', kind: fact, slot: slot.userName, bytesMax: factBytesMax },
  { name: 'sessionContext', kind: any },
  { name: 'invokedBy', kind: any },
  { name: 'invokedByDelegate', kind: any },
  { name: 'onBehalfOf', kind: any },
  { name: 'inScopeOf', kind: any },
  { name: 'credentialId', kind: any },
  { name: 'identityProvider', kind: any },
  { name: 'identityStoreArn', kind: any },
  { name: 'webIdFederationData', kind: any },
];

const resourceKeys: readonly ScannerKey[] = [
  { name: 'ARN', kind: fact, slot: slot.resourceArn, bytesMax: factBytesMax },
  { name: 'type', kind: fact, slot: slot.resourceType, bytesMax: factBytesMax },
  { name: 'accountId', kind: any },
  { name: 'ARNPrefix', kind: any },
];

/** In the order of their tables in memory; at most 32 keys each. */
export const keySpaces = [recordKeys, identityKeys, resourceKeys] as const;

/** The bit that is set when a record has the key. */
export function keyBit(name: string): number {
  return 1 << recordKeys.findIndex((key) => key.name === name);
}
