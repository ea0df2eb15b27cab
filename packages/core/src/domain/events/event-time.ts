/**
 * Milliseconds of a record's eventTime: ISO 8601 with seconds and a zone, fractions allowed
 * (`2026-11-21T03:13:00Z`, `2026-11-21T04:13:00.5+01:00`). Undefined when it is no such time.
 */
export function parseEventTime(text: string): number | undefined {
  const match = isoTime.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = match;
  const date = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!);
  // Date.UTC takes the 31st of April for the 1st of May: a time that is not itself is refused.
  const same = formatEventTime(date).slice(0, 19) === text.slice(0, 19);
  if (!same || +year! < 1970) return undefined;
  const milliseconds = fraction === undefined ? 0 : Math.floor(+`0${fraction}` * 1000);
  if (sign === undefined) return date + milliseconds;
  if (+zoneHour! > 23 || +zoneMinute! > 59) return undefined;
  const zone = (+zoneHour! * 60 + +zoneMinute!) * 60_000;
  return date + milliseconds - (sign === '-' ? -zone : zone);
}

/** As strict readers need it: `YYYY-MM-DDTHH:MM:SSZ`; parts of a second are cut off. */
export function formatEventTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|([+-])(\d\d):?(\d\d))$/;
