import { type Refusal, refuse } from '../refusal.ts';

const lengthMin = 3;
const lengthMax = 128;

/** CloudTrail User Guide, "Naming requirements for trails"; the sentences are the service's own. */
export function checkTrailName(name: string): Refusal<'InvalidTrailNameException'> | undefined {
  const sentence = complaintAbout(name);
  return sentence === undefined ? undefined : refuse('InvalidTrailNameException', sentence);
}

function complaintAbout(name: string): string | undefined {
  if (name.length < lengthMin) {
    return `Trail name too short. Minimum allowed length: ${lengthMin} characters. Specified name length: ${name.length} characters.`;
  }
  if (name.length > lengthMax) {
    return `Trail name too long. Maximum allowed length: ${lengthMax} characters. Specified name length: ${name.length} characters.`;
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    return 'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).';
  }
  if (!/^[A-Za-z0-9]/.test(name)) return 'Trail name must starts with a letter or number.';
  if (!/[A-Za-z0-9]$/.test(name)) return 'Trail name must ends with a letter or number.';
  if (/[._-]{2}/.test(name)) {
    return 'Trail name cannot have adjacent periods, underscores, or hyphens.';
  }
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return 'Trail name cannot be in IP address format.';
  return undefined;
}
