import type { Position } from '../../../ports/journal.ts';
import { journalError } from './journal-error.ts';

/** 16 digits hold every whole number that a double holds: 8 PiB of journal. */
export function positionText(at: number): Position {
  return String(at).padStart(16, '0');
}

export function parsePosition(position: Position): number {
  if (!/^\d{16}$/.test(position)) {
    throw journalError('PositionUnknown', 'A position of this journal has 16 digits.');
  }
  return Number(position);
}
