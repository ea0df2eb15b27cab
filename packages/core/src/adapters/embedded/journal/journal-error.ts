/**
 * Why the journal did not do what it was asked.
 * JournalFull: no room on the disk; nothing was kept, and a later append may succeed.
 * JournalBusy: more is waiting to be written than may wait; nothing was kept, come again.
 * JournalFailed: the disk failed; this journal takes no more. Stop the process: after a failed
 * fsync nobody knows what the disk holds until the file is opened again.
 * JournalCorrupt: what was stored is not what is there.
 * PositionUnknown: there is no such position, or it was trimmed. JournalClosed: it was closed.
 */
export type JournalErrorCode =
  | 'JournalFull'
  | 'JournalBusy'
  | 'JournalFailed'
  | 'JournalCorrupt'
  | 'JournalClosed'
  | 'PositionUnknown';

export interface JournalError extends Error {
  readonly code: JournalErrorCode;
}

export function journalError(
  code: JournalErrorCode,
  message: string,
  cause?: unknown,
): JournalError {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });
}
