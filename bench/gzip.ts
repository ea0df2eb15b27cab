import { gzipSync } from 'node:zlib';
import { answerQuestions } from './child.ts';
import { type Round, readTemplates, writeRecord } from './records.ts';

/** The yardstick of delivery: gzip alone, of the same records in documents of the same size. */
export interface GzipQuestion {
  readonly round: Round;
  readonly documentBytesMax: number;
  readonly documentRecordsMax: number;
  readonly level: number;
}

export interface GzipReport {
  /** CPU time, in microseconds. */
  readonly cpu: number;
  readonly bytes: number;
  readonly compressed: number;
  readonly documents: number;
}

/** Documents are made in lots of so many bytes, and then compressed with the clock running. */
const lotBytes = 16 * 1024 * 1024;
const templates = readTemplates();

answerQuestions<GzipQuestion>(async (question) => {
  const report = { cpu: 0, bytes: 0, compressed: 0, documents: 0 };
  const { round } = question;
  for (let n = round.first; n < round.first + round.count; ) {
    const lot: Buffer[] = [];
    for (let bytes = 0; bytes < lotBytes && n < round.first + round.count; ) {
      const { document, next } = nextDocument(n, question);
      lot.push(document);
      bytes += document.length;
      n = next;
    }
    const before = process.cpuUsage();
    for (const document of lot) {
      report.compressed += gzipSync(document, { level: question.level }).length;
    }
    const { user, system } = process.cpuUsage(before);
    report.cpu += user + system;
    report.documents += lot.length;
    report.bytes += lot.reduce((sum, { length }) => sum + length, 0);
  }
  return report satisfies GzipReport;
});

function nextDocument(first: number, { round, ...limits }: GzipQuestion) {
  const own: number[] = [];
  let bytes = '{"Records":[]}'.length;
  for (let n = first; n < round.first + round.count; n++) {
    const { length } = templates[n % templates.length]!.bytes;
    const full = own.length === limits.documentRecordsMax;
    if (own.length > 0 && (full || bytes + length > limits.documentBytesMax)) break;
    own.push(n);
    bytes += length + 1;
  }
  const document = Buffer.allocUnsafe(bytes);
  let at = document.write('{"Records":[', 0, 'latin1');
  own.forEach((n, index) => {
    if (index > 0) document[at++] = 0x2c;
    at = writeRecord(document, at, templates[n % templates.length]!, n, round);
  });
  at += document.write(']}', at, 'latin1');
  return { document: document.subarray(0, at), next: first + own.length };
}
