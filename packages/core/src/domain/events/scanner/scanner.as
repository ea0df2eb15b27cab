// The fast scanner, in AssemblyScript (TypeScript's syntax, compiled to WebAssembly with SIMD).
// It takes a CloudTrail record that is well-formed compact JSON and needs no change, and finds the
// fields that facts are made of. Whatever it is not sure of it does not take: the plain way in
// TypeScript then decides, and a test compares the two. Build: scanner/build.mjs.
//
// Memory, in bytes from the start (record-scanner.ts writes the tables and the window):
//   1024 out: words for a record      4096 key tables      65536 intern tables      WINDOW records

// What a key's value must be. The numbers are in record-scanner.ts too.
const ANY: u32 = 1; // any value
const OBJECT: u32 = 2; // object or null, of at most `max` bytes
const TEXT: u32 = 3; // string or null, of at most `max` bytes as written
const FACT: u32 = 4; // string of visible ASCII and spaces, without escapes; goes to slot `slot`
const TIME: u32 = 5; // YYYY-MM-DDTHH:MM:SSZ
const FLAG: u32 = 6; // true or false; goes to slot `slot` as 1 or 0
const IDENTITY: u32 = 7; // the object userIdentity
const RESOURCES: u32 = 8; // the array resources
const ADDENDUM: u32 = 9; // an object, whose place is told
const EVENT_ID: u32 = 10; // 1 to `max` visible ASCII characters; goes to slot `slot`
const NO_PROTO: u64 = 0x5f6f746f72705f5f; // "__proto_"

const OUT: usize = 1024;
// Slots: pointer and length each, or a value and 1. Pointer 0: the record has no such field.
const SLOTS: usize = OUT;
const SLOT_COUNT: i32 = 32;
const IDS: usize = OUT + 256; // interned id of each slot
const RESOURCE_SLOTS: usize = OUT + 512; // pointer and length of ARN, then of type; 16 bytes each
const RESOURCE_IDS: usize = OUT + 1024; // interned id of ARN and of type
const RESOURCES_MAX: i32 = 16;
const SEEN: usize = OUT + 2048; // bits of the record's keys
const TIME_AT: usize = OUT + 2056; // eventTime in seconds since the epoch, f64
const RESOURCE_COUNT: usize = OUT + 2064;
const ADDENDUM_AT: usize = OUT + 2068; // where the addendum member begins (its key) and ends
const SLOT_TYPE: i32 = 16;
const SLOT_PRINCIPAL: i32 = 17;
const SLOT_USER_NAME: i32 = 18;
const SLOT_ARN: i32 = 9;
const SLOT_USERNAME: i32 = 11;
const ROOT_TEXT: usize = 4096; // "root"

// A key space: 128 bytes of entry numbers, then entries of 64 bytes: length, kind, slot, max, name.
const KEYS: usize = 8192;
const KEY_SPACE_BYTES: usize = 8192;
const RECORD_KEYS: usize = KEYS;
const IDENTITY_KEYS: usize = KEYS + KEY_SPACE_BYTES;
const RESOURCE_KEYS: usize = KEYS + 2 * KEY_SPACE_BYTES;

const NESTING_MAX: i32 = 32; // deeper records go the plain way

let plain: bool = true; // whether the last string had no escapes and only ASCII

// ---- strings ----

/** Past the closing quote of the string whose first character is at `p`; 0 when it is none. */
// @ts-ignore: decorator
@inline
function skipString(p: usize): usize {
  plain = true;
  while (true) {
    const v = v128.load(p);
    const special = v128.or(
      v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))),
      i8x16.lt_s(v, i8x16.splat(0x20)), // control characters, and bytes from 0x80 on
    );
    const mask = i8x16.bitmask(special);
    if (mask == 0) {
      p += 16;
      continue;
    }
    p += ctz(mask);
    const c = load<u8>(p);
    if (c == 0x22) return p + 1;
    plain = false;
    if (c == 0x5c) p = skipEscape(p);
    else if (c >= 0x80) p = skipUtf8(p);
    else return 0;
    if (p == 0) return 0;
  }
}

function skipEscape(p: usize): usize {
  const c = load<u8>(p + 1);
  if (c == 0x75) return skipUnicode(p);
  const simple =
    c == 0x22 || c == 0x5c || c == 0x2f || c == 0x62 || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74;
  return simple ? p + 2 : 0;
}

function skipUnicode(p: usize): usize {
  const unit = hex4(p + 2);
  if (unit < 0) return 0;
  if (unit < 0xd800 || unit > 0xdfff) return p + 6;
  if (unit > 0xdbff || load<u16>(p + 6) != 0x755c) return 0;
  const low = hex4(p + 8);
  return low >= 0xdc00 && low <= 0xdfff ? p + 12 : 0;
}

function hex4(p: usize): i32 {
  let value = 0;
  for (let i: usize = 0; i < 4; i++) {
    const c = <i32>load<u8>(p + i);
    let digit = c - 0x30;
    if (digit < 0 || digit > 9) {
      digit = (c | 0x20) - 0x61 + 10;
      if (digit < 10 || digit > 15) return -1;
    }
    value = (value << 4) | digit;
  }
  return value;
}

/** Past a well-formed UTF-8 sequence of two to four bytes (RFC 3629), else 0. */
function skipUtf8(p: usize): usize {
  const a = load<u8>(p);
  const b = load<u8>(p + 1);
  if (a >= 0xc2 && a <= 0xdf) return isTail(b) ? p + 2 : 0;
  if ((a & 0xf0) == 0xe0) {
    const first = a == 0xe0 ? b >= 0xa0 && b <= 0xbf : a == 0xed ? b >= 0x80 && b <= 0x9f : isTail(b);
    return first && isTail(load<u8>(p + 2)) ? p + 3 : 0;
  }
  if (a < 0xf0 || a > 0xf4) return 0;
  const first = a == 0xf0 ? b >= 0x90 && b <= 0xbf : a == 0xf4 ? b >= 0x80 && b <= 0x8f : isTail(b);
  return first && isTail(load<u8>(p + 2)) && isTail(load<u8>(p + 3)) ? p + 4 : 0;
}

// @ts-ignore: decorator
@inline
function isTail(c: u8): bool {
  return (c & 0xc0) == 0x80;
}

// ---- values that are only checked ----

function skipValue(p: usize, depth: i32): usize {
  const c = load<u8>(p);
  if (c == 0x22) return skipString(p + 1);
  if (c == 0x7b) return skipObject(p, depth);
  if (c == 0x5b) return skipArray(p, depth);
  return skipScalar(p, c);
}

function skipScalar(p: usize, c: u8): usize {
  if (c == 0x74) return load<u32>(p) == 0x65757274 ? p + 4 : 0;
  if (c == 0x6e) return load<u32>(p) == 0x6c6c756e ? p + 4 : 0;
  if (c == 0x66) return load<u32>(p + 1) == 0x65736c61 ? p + 5 : 0;
  return skipNumber(p, c);
}

/** Numbers without exponent, of at most 300 characters: none of them is out of range. */
function skipNumber(p: usize, c: u8): usize {
  const end = p + 300;
  if (c == 0x2d) c = load<u8>(++p);
  if (c == 0x30) c = load<u8>(++p);
  else {
    if (!isDigit(c)) return 0;
    while (isDigit(c)) c = load<u8>(++p);
  }
  if (c == 0x2e) {
    c = load<u8>(++p);
    if (!isDigit(c)) return 0;
    while (isDigit(c)) c = load<u8>(++p);
  }
  return (c | 0x20) == 0x65 || p > end ? 0 : p;
}

// @ts-ignore: decorator
@inline
function isDigit(c: u8): bool {
  return <u32>c - 0x30 < 10;
}

function skipObject(p: usize, depth: i32): usize {
  if (depth == 0) return 0;
  p++;
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    const key = p + 1;
    p = skipString(key);
    if (p == 0 || !plain || load<u8>(p) != 0x3a) return 0;
    if (p - key == 10 && load<u64>(key) == NO_PROTO && load<u8>(key + 8) == 0x5f) return 0;
    p = skipValue(p + 1, depth - 1);
    if (p == 0) return 0;
    const c = load<u8>(p++);
    if (c == 0x7d) return p;
    if (c != 0x2c) return 0;
  }
}

function skipArray(p: usize, depth: i32): usize {
  if (depth == 0) return 0;
  p++;
  if (load<u8>(p) == 0x5d) return p + 1;
  while (true) {
    p = skipValue(p, depth - 1);
    if (p == 0) return 0;
    const c = load<u8>(p++);
    if (c == 0x5d) return p;
    if (c != 0x2c) return 0;
  }
}

// ---- keys ----

/** The entry of the key in the space, or 0. */
function findKey(space: usize, key: usize, length: u32): usize {
  let at = keyHash(load<u64>(key), length);
  while (true) {
    const number = <usize>load<u8>(space + at);
    if (number == 0) return 0;
    const entry = space + 64 + (number << 6);
    if (load<u32>(entry) == length && isSame(entry + 16, key, length)) return entry;
    at = (at + 1) & 127;
  }
}

// @ts-ignore: decorator
@inline
function keyHash(first: u64, length: u32): usize {
  // Keys have three characters at least; the third and the length tell most of them apart.
  const mixed = ((first & 0xffffff) ^ (<u64>length << 24)) * 0x9e3779b97f4a7c15;
  return <usize>(mixed >> 57);
}

function isSame(a: usize, b: usize, length: u32): bool {
  let left: u32 = length;
  while (left >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
    left -= 8;
  }
  return left == 0 || ((load<u64>(a) ^ load<u64>(b)) << (64 - (left << 3))) == 0;
}

/** Puts a key into a space; its name is written at `entry + 16` by the caller. */
export function addKey(space: usize, number: u32): void {
  const entry = space + 64 + (<usize>number << 6);
  let at = keyHash(load<u64>(entry + 16), load<u32>(entry));
  while (load<u8>(space + at) != 0) at = (at + 1) & 127;
  store<u8>(space + at, <u8>number);
}

// ---- the record ----

// @ts-ignore: decorator
@inline
function setSlot(slot: u32, pointer: usize, length: usize): void {
  store<u32>(SLOTS + (<usize>slot << 3), <u32>pointer);
  store<u32>(SLOTS + (<usize>slot << 3) + 4, <u32>length);
}

// @ts-ignore: decorator
@inline
function slotAt(slot: i32): usize {
  return load<u32>(SLOTS + (<usize>slot << 3));
}

// @ts-ignore: decorator
@inline
function slotLength(slot: i32): usize {
  return load<u32>(SLOTS + (<usize>slot << 3) + 4);
}

/** The end of the record that begins at `p`, its facts in OUT; 0 when it goes the plain way. */
export function scan(p: usize): usize {
  memory.fill(SLOTS, 0, SLOT_COUNT << 3);
  store<u32>(RESOURCE_COUNT, 0);
  store<u32>(ADDENDUM_AT, 0);
  if (load<u8>(p) != 0x7b) return 0;
  p++;
  let seen: u32 = 0;
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    const key = p + 1;
    p = skipString(key);
    if (p == 0 || !plain || load<u8>(p) != 0x3a) return 0;
    const entry = findKey(RECORD_KEYS, key, <u32>(p - key - 1));
    if (entry == 0) return 0;
    const bit = <u32>1 << (<u32>(entry - RECORD_KEYS - 128) >> 6);
    if ((seen & bit) != 0) return 0;
    seen |= bit;
    p = readMember(p + 1, key, entry);
    if (p == 0) return 0;
    const c = load<u8>(p++);
    if (c == 0x7d) break;
    if (c != 0x2c) return 0;
  }
  store<u32>(SEEN, seen);
  findUsername();
  internSlots();
  return p;
}

function readMember(p: usize, key: usize, entry: usize): usize {
  const kind = load<u32>(entry + 4);
  if (kind == FACT) return readFact(p, load<u32>(entry + 8), load<u32>(entry + 12));
  if (kind == TEXT) return readText(p, load<u32>(entry + 12));
  if (kind == OBJECT) return readObject(p, load<u32>(entry + 12));
  if (kind == FLAG) return readFlag(p, load<u32>(entry + 8));
  if (kind == IDENTITY) return readFields(p, IDENTITY_KEYS);
  if (kind == RESOURCES) return readResources(p);
  if (kind == TIME) return readTime(p);
  if (kind == EVENT_ID) return readEventId(p, load<u32>(entry + 8), load<u32>(entry + 12));
  if (kind == ADDENDUM) return readAddendum(p, key);
  return skipValue(p, NESTING_MAX);
}

function readFact(p: usize, slot: u32, max: u32): usize {
  if (load<u8>(p) != 0x22) return 0;
  const end = skipString(p + 1);
  if (end == 0 || !plain || end - p - 2 > <usize>max) return 0;
  setSlot(slot, p + 1, end - p - 2);
  return end;
}

function readEventId(p: usize, slot: u32, max: u32): usize {
  const end = readFact(p, slot, max);
  if (end == 0 || end == p + 2) return 0;
  for (let at = p + 1; at < end - 1; at += 16) {
    const v = v128.load(at);
    const wrong = v128.or(i8x16.le_s(v, i8x16.splat(0x20)), i8x16.eq(v, i8x16.splat(0x7f)));
    const left = end - 1 - at;
    const within = left >= 16 ? 0xffff : (1 << <i32>left) - 1;
    if ((i8x16.bitmask(wrong) & within) != 0) return 0;
  }
  return end;
}

function readText(p: usize, max: u32): usize {
  if (load<u8>(p) != 0x22) return load<u32>(p) == 0x6c6c756e ? p + 4 : 0;
  const end = skipString(p + 1);
  return end - p - 2 > <usize>max ? 0 : end;
}

function readObject(p: usize, max: u32): usize {
  if (load<u8>(p) != 0x7b) return load<u32>(p) == 0x6c6c756e ? p + 4 : 0;
  const end = skipObject(p, NESTING_MAX);
  return end - p > <usize>max ? 0 : end;
}

function readAddendum(p: usize, key: usize): usize {
  if (load<u8>(p) != 0x7b) return 0;
  const end = skipObject(p, NESTING_MAX);
  store<u32>(ADDENDUM_AT, <u32>key - 1);
  store<u32>(ADDENDUM_AT + 4, <u32>end);
  return end;
}

function readFlag(p: usize, slot: u32): usize {
  const c = load<u8>(p);
  const end = c == 0x74 || c == 0x66 ? skipScalar(p, c) : 0;
  setSlot(slot, c == 0x74 ? 1 : 0, 1);
  return end;
}

/** An object of whose keys each is in the space, once. */
function readFields(p: usize, space: usize): usize {
  if (load<u8>(p) != 0x7b) return 0;
  p++;
  if (load<u8>(p) == 0x7d) return p + 1;
  let seen: u32 = 0;
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    const key = p + 1;
    p = skipString(key);
    if (p == 0 || !plain || load<u8>(p) != 0x3a) return 0;
    const entry = findKey(space, key, <u32>(p - key - 1));
    if (entry == 0) return 0;
    const bit = <u32>1 << (<u32>(entry - space - 128) >> 6);
    if ((seen & bit) != 0) return 0;
    seen |= bit;
    p++;
    if (load<u32>(entry + 4) == FACT) p = readFact(p, load<u32>(entry + 8), load<u32>(entry + 12));
    else p = skipValue(p, NESTING_MAX);
    if (p == 0) return 0;
    const c = load<u8>(p++);
    if (c == 0x7d) return p;
    if (c != 0x2c) return 0;
  }
}

function readResources(p: usize): usize {
  if (load<u8>(p) != 0x5b) return 0;
  p++;
  if (load<u8>(p) == 0x5d) return p + 1;
  let count = 0;
  while (true) {
    if (count == RESOURCES_MAX) return 0;
    setSlot(30, 0, 0);
    setSlot(31, 0, 0);
    p = readFields(p, RESOURCE_KEYS);
    if (p == 0) return 0;
    const into = RESOURCE_SLOTS + (<usize>count << 4);
    store<u64>(into, load<u64>(SLOTS + 30 * 8));
    store<u64>(into + 8, load<u64>(SLOTS + 31 * 8));
    store<u32>(RESOURCE_COUNT, ++count);
    const c = load<u8>(p++);
    if (c == 0x5d) return p;
    if (c != 0x2c) return 0;
  }
}

/** "YYYY-MM-DDTHH:MM:SSZ" of a day that there is, from 1970 on. */
function readTime(p: usize): usize {
  if (load<u8>(p) != 0x22 || load<u8>(p + 21) != 0x22) return 0;
  const marks =
    load<u8>(p + 5) == 0x2d && load<u8>(p + 8) == 0x2d && load<u8>(p + 11) == 0x54 &&
    load<u8>(p + 14) == 0x3a && load<u8>(p + 17) == 0x3a && load<u8>(p + 20) == 0x5a;
  if (!marks) return 0;
  const century = digits2(p + 1);
  const yearOf = digits2(p + 3);
  const month = digits2(p + 6);
  const day = digits2(p + 9);
  const hour = digits2(p + 12);
  const minute = digits2(p + 15);
  const second = digits2(p + 18);
  if ((century | yearOf | month | day | hour | minute | second) < 0) return 0;
  const year = century * 100 + yearOf;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 0;
  if (hour > 23 || minute > 59 || second > 59) return 0;
  const seconds = (hour * 60 + minute) * 60 + second;
  store<f64>(TIME_AT, <f64>daysFrom1970(year, month, day) * 86400 + <f64>seconds);
  return p + 22;
}

function digits2(p: usize): i32 {
  const a = <i32>load<u8>(p) - 0x30;
  const b = <i32>load<u8>(p + 1) - 0x30;
  return <u32>a > 9 || <u32>b > 9 ? -1 : a * 10 + b;
}

function isLeap(year: i32): bool {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return isLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

function daysFrom1970(year: i32, month: i32, day: i32): i32 {
  // March is the first month of a year that ends with February (Hinnant, days_from_civil).
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/** As usernameOf in record-facts.ts. */
function findUsername(): void {
  const type = slotAt(SLOT_TYPE);
  const typeLength = slotLength(SLOT_TYPE);
  if (typeLength == 4 && load<u32>(type) == 0x746f6f52) return setSlot(SLOT_USERNAME, ROOT_TEXT, 4);
  const assumed =
    typeLength == 11 && load<u64>(type) == 0x5264656d75737341 && load<u32>(type + 7) == 0x656c6f52;
  if (!assumed && slotAt(SLOT_USER_NAME) != 0) {
    return setSlot(SLOT_USERNAME, slotAt(SLOT_USER_NAME), slotLength(SLOT_USER_NAME));
  }
  if (!setAfter(SLOT_PRINCIPAL, 0x3a) && assumed) setAfter(SLOT_ARN, 0x2f);
}

/** Sets the username to what follows the last `mark` in the slot's text, if anything does. */
function setAfter(slot: i32, mark: u8): bool {
  const start = slotAt(slot);
  if (start == 0) return false;
  const end = start + slotLength(slot);
  let p = end;
  while (p > start && load<u8>(p - 1) != mark) p--;
  if (p == start || p == end) return false;
  setSlot(SLOT_USERNAME, p, end - p);
  return true;
}

// ---- texts that come again and again ----

// Two tables, names (few) and people and things (many): 4,096 places of 16 bytes each: hash, length
// and class, pointer, id. Then the texts. Ids count from 1; the caller keeps the strings.
const INTERN: usize = 65536;
const INTERN_BYTES: usize = 524288;
const PLACES: usize = 4096;
const PROBES: i32 = 8;
const INTERN_LENGTH_MAX: usize = 256;
const FIRST_MANY: i32 = 8; // slots from here on are in the second table
const INTERNED_SLOTS: i32 = 13;

function internSlots(): void {
  for (let slot = 0; slot < INTERNED_SLOTS; slot++) {
    const at = slotAt(slot);
    const id = at == 0 ? -1 : findText(slot, at, slotLength(slot));
    store<i32>(IDS + (<usize>slot << 2), id);
  }
  const count = load<i32>(RESOURCE_COUNT);
  for (let i = 0; i < count; i++) {
    const from = RESOURCE_SLOTS + (<usize>i << 4);
    const into = RESOURCE_IDS + (<usize>i << 3);
    const arn = <usize>load<u32>(from);
    const type = <usize>load<u32>(from + 8);
    store<i32>(into, arn == 0 ? -1 : findText(12, arn, load<u32>(from + 4)));
    store<i32>(into + 4, type == 0 ? -1 : findText(7, type, load<u32>(from + 12)));
  }
}

// @ts-ignore: decorator
@inline
function tableOf(slot: i32): usize {
  return slot < FIRST_MANY ? INTERN : INTERN + INTERN_BYTES;
}

function hashText(p: usize, length: usize): u32 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ <u64>length;
  let left = length;
  while (left >= 8) {
    hash = (hash ^ load<u64>(p)) * 0xbf58476d1ce4e5b9;
    hash ^= hash >> 32;
    p += 8;
    left -= 8;
  }
  if (left > 0) hash = (hash ^ (load<u64>(p) << (64 - (left << 3)))) * 0xbf58476d1ce4e5b9;
  return <u32>(hash >> 32);
}

/** The id of the text in its class (a slot); 0 when it has none. */
function findText(slot: i32, p: usize, length: usize): i32 {
  const hash = hashText(p, length);
  const tag = (<u32>slot << 16) | <u32>length;
  const table = tableOf(slot);
  let place = <usize>(hash + <u32>slot) & (PLACES - 1);
  for (let i = 0; i < PROBES; i++) {
    const at = table + (place << 4);
    const held = load<u32>(at + 12);
    if (held == 0) return 0;
    if (load<u32>(at) == hash && load<u32>(at + 4) == tag && isSame(load<u32>(at + 8), p, <u32>length)) {
      return held;
    }
    place = (place + 1) & (PLACES - 1);
  }
  return 0;
}

/**
 * Remembers a text under an id. Answers whether it did: not when it is long or its places are
 * taken, nor (-1) when the table is full and should be cleared.
 */
export function addText(slot: i32, p: usize, length: usize, id: i32, textAt: usize): i32 {
  const table = tableOf(slot);
  if (length > INTERN_LENGTH_MAX) return 0;
  if (textAt + length + 8 > INTERN_BYTES - (PLACES << 4)) return -1;
  const hash = hashText(p, length);
  const tag = (<u32>slot << 16) | <u32>length;
  let place = <usize>(hash + <u32>slot) & (PLACES - 1);
  for (let i = 0; i < PROBES; i++) {
    const at = table + (place << 4);
    const same = load<u32>(at + 12) != 0 && load<u32>(at) == hash && load<u32>(at + 4) == tag;
    if (same && isSame(load<u32>(at + 8), p, <u32>length)) return 0;
    if (load<u32>(at + 12) == 0) {
      const text = table + (PLACES << 4) + textAt;
      memory.copy(text, p, length);
      store<u32>(at, hash);
      store<u32>(at + 4, tag);
      store<u32>(at + 8, <u32>text);
      store<u32>(at + 12, <u32>id);
      return 1;
    }
    place = (place + 1) & (PLACES - 1);
  }
  return 0;
}

export function clearTexts(slot: i32): void {
  memory.fill(tableOf(slot), 0, PLACES << 4);
}
