import { refuse } from '../../domain/refusal.ts';
import type { Operation } from '../operation.ts';

/**
 * Every key of the Region whose validity touches the time range, on one page: aws-cli ignores
 * NextToken and asks for times in the future. Without a time the keys that are valid now.
 */
export const listPublicKeys: Operation<'ListPublicKeys'> = async (input, call, ports) => {
  const { StartTime, EndTime, NextToken } = input;
  if (NextToken !== undefined) {
    return refuse('InvalidTokenException', 'The token is not valid: all keys come on one page.');
  }
  const from = StartTime?.getTime() ?? EndTime?.getTime() ?? call.now;
  const to = EndTime?.getTime() ?? Math.max(call.now, from);
  if (from > to) {
    return refuse(
      'InvalidTimeRangeException',
      'The start time must not be after the end time. Give a range of times in which keys were valid.',
    );
  }
  // A Region in which nothing was signed yet has a key too: it is made when it is asked for.
  if (from <= call.now && call.now <= to) await ports.keys.activeFingerprint(call.region, call.now);
  const keys = await ports.keys.list(call.region, from, to);
  return {
    PublicKeyList: keys.map((key) => ({
      Value: new Uint8Array(key.value),
      ValidityStartTime: new Date(key.validityStart),
      ValidityEndTime: new Date(key.validityEnd),
      Fingerprint: key.fingerprint,
    })),
  };
};
