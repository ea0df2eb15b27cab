/**
 * A no is a value: the exception's name, as CloudTrail calls it, and the sentence the caller reads.
 * Deciders return refusals and never throw them; throwing is for bugs and outages.
 */
export interface Refusal<Code extends string = string> {
  readonly refused: Code;
  readonly message: string;
}

export function refuse<const Code extends string>(code: Code, message: string): Refusal<Code> {
  return { refused: code, message };
}

/** Tells a refusal from what it stands in for, and keeps the refusal's codes. */
export function isRefusal<Value, Code extends string>(
  value: Value | Refusal<Code>,
): value is Refusal<Code>;
export function isRefusal<Code extends string>(value: unknown): value is Refusal<Code>;
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
