import { describe, expect, test } from 'vitest';
import { renderMetrics, serverMetrics } from './metrics.ts';

describe('metrics', () => {
  test('count requests by operation and code', async () => {
    const metrics = serverMetrics();
    metrics.answered('CreateTrail', 'OK', 0.002);
    metrics.answered('CreateTrail', 'TrailAlreadyExistsException', 0.002);
    metrics.answered('CreateTrail', 'OK', 0.002);
    const lines = await linesOf(metrics);
    expect(lines).toContain('trailkeep_requests_total{operation="CreateTrail",code="OK"} 2');
    expect(lines).toContain(
      'trailkeep_requests_total{operation="CreateTrail",code="TrailAlreadyExistsException"} 1',
    );
  });

  test('count records by what became of them', async () => {
    const metrics = serverMetrics();
    metrics.accepted({ accepted: 3, duplicates: 2, rejected: [{ code: 'EventTooLarge' }] }, 0.004);
    const lines = await linesOf(metrics);
    expect(lines).toContain('trailkeep_records_total{outcome="accepted"} 3');
    expect(lines).toContain('trailkeep_records_total{outcome="duplicate"} 2');
    expect(lines).toContain('trailkeep_records_total{outcome="rejected"} 1');
    expect(lines).toContain('trailkeep_records_rejected_total{reason="EventTooLarge"} 1');
  });

  test('time acknowledgement and delivery', async () => {
    const metrics = serverMetrics();
    metrics.accepted({ accepted: 1, duplicates: 0, rejected: [] }, 0.004);
    metrics.delivered({ files: 1, bytes: 1000, lagSeconds: 100 });
    metrics.delivered({ files: 1, bytes: 24, lagSeconds: -5, refusals: 3 });
    metrics.sealed(1);
    metrics.deliveryFailed('log-file', 'NoSuchBucket');
    const lines = await linesOf(metrics);
    expect(lines).toContain('trailkeep_acknowledgement_seconds_bucket{le="0.005"} 1');
    expect(lines).toContain('trailkeep_delivery_lag_seconds_count 2');
    expect(lines).toContain('trailkeep_delivered_files_total 2');
    expect(lines).toContain('trailkeep_delivered_bytes_total 1024');
    expect(lines).toContain('trailkeep_digests_sealed_total 1');
    expect(lines).toContain(
      'trailkeep_delivery_errors_total{kind="log-file",code="NoSuchBucket"} 1',
    );
    expect(lines).toContain('trailkeep_delivery_errors_total{kind="log-file",code="refused"} 3');
  });

  test('ask what is observed at each rendering, and leave out what is unknown', async () => {
    const metrics = serverMetrics();
    let age: number | undefined = 12;
    metrics.observe('digestAge', () => age);
    expect(await linesOf(metrics)).toContain('trailkeep_digest_age_seconds 12');
    age = undefined;
    const lines = await linesOf(metrics);
    expect(lines.filter((line) => line.startsWith('trailkeep_digest_age_seconds'))).toEqual([]);
    expect(() => metrics.observe('digestAge', () => 1)).toThrow(/already/);
  });

  test('have a bounded number of series, whatever callers send', async () => {
    const metrics = serverMetrics();
    for (let n = 0; n < 1000; n++) metrics.answered(`Operation${n}`, 'OK', 0);
    metrics.answered('a"b\n', 'OK', 0);
    const lines = await linesOf(metrics);
    const series = lines.filter((line) => line.startsWith('trailkeep_requests_total{'));
    expect(series).toHaveLength(201);
    expect(series).toContain('trailkeep_requests_total{operation="other",code="OK"} 801');
  });

  test('tell of the process, and keep apart from other registries', async () => {
    const lines = await linesOf(serverMetrics());
    expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
    expect((await renderMetrics(serverMetrics())).contentType).toMatch(
      /^text\/plain; version=0.0.4/,
    );
  });
});

async function linesOf(metrics: ReturnType<typeof serverMetrics>): Promise<string[]> {
  return (await renderMetrics(metrics)).text.split('\n');
}
