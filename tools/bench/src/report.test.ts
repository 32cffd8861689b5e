import { type BenchReport, jsonOf, tableOf } from './report.ts';

const routing = { '50': { meanNs: 512.4 }, '1000': { meanNs: 800 } };
const report: BenchReport = {
  handoff: {
    framesPerSecond: 41_234.56,
    bareLoop: 60_000,
    ratioToBareLoop: 0.68724,
    bullmq: 15_000,
    ratioToBullmq: 2.74897,
  },
  telemetry: {
    pairs: 8,
    withTelemetry: 41_234.56,
    without: 43_000,
    costRatio: 0.041_06,
    lowRatio: -0.02,
    highRatio: 0.09,
    cpu: { withNs: 26_000.4, withoutNs: 25_000, costRatio: 0.038_46, lowRatio: 0.03, highRatio: 0.05 },
  },
  breaker: { acquireNs: 31.6 },
  priorityQueue: { pushPopNs: 87.2 },
  routing: { ...routing, strategies: { least_loaded: routing, round_robin: routing, affinity: routing } },
  latency: { fps: 1000, p50Ms: 1.23456, p99Ms: 4, maxMs: 9, frames: 20_000 },
};

describe('the report as JSON', () => {
  it('is one line of the agreed shape', () => {
    expect(jsonOf(report)).not.toContain('\n');
    expect(JSON.parse(jsonOf(report))).toEqual({
      handoff: {
        framesPerSecond: 41_235,
        bareLoop: 60_000,
        ratioToBareLoop: 0.687,
        bullmq: 15_000,
        ratioToBullmq: 2.749,
      },
      telemetry: {
        pairs: 8,
        withTelemetry: 41_235,
        without: 43_000,
        costRatio: 0.041,
        lowRatio: -0.02,
        highRatio: 0.09,
        cpu: { withNs: 26_000, withoutNs: 25_000, costRatio: 0.038, lowRatio: 0.03, highRatio: 0.05 },
      },
      breaker: { acquireNs: 32 },
      priorityQueue: { pushPopNs: 87 },
      routing: {
        '50': { meanNs: 512 },
        '1000': { meanNs: 800 },
        strategies: {
          least_loaded: { '50': { meanNs: 512 }, '1000': { meanNs: 800 } },
          round_robin: { '50': { meanNs: 512 }, '1000': { meanNs: 800 } },
          affinity: { '50': { meanNs: 512 }, '1000': { meanNs: 800 } },
        },
      },
      latency: { fps: 1000, p50Ms: 1.235, p99Ms: 4, maxMs: 9, frames: 20_000 },
    });
  });

  it('says null for what could not be measured', () => {
    const handoff = { ...report.handoff, ratioToBullmq: NaN };
    expect(JSON.parse(jsonOf({ ...report, handoff })).handoff.ratioToBullmq).toBeNull();
  });
});

describe('the report as a table', () => {
  it('says of each figure that has a target whether it is reached', () => {
    const lines = tableOf(report).split('\n');
    expect(lines.find((line) => line.startsWith('of the bare loop'))).toMatch(
      /0\.69 x +reached {2}at least 0\.5$/,
    );
    expect(lines.find((line) => line.startsWith('of BullMQ'))).toMatch(/2\.75 x +MISSED {3}at least 4$/);
    expect(lines.find((line) => line.startsWith('telemetry, of the rate'))).toMatch(
      /4\.1 % +reached {2}below 10 +half of the pairs: -2\.0 to 9\.0 %$/,
    );
    expect(lines.find((line) => line.startsWith('telemetry, of the CPU time'))).toMatch(
      /3\.8 % +reached {2}below 10 +half of the pairs: 3\.0 to 5\.0 %$/,
    );
    expect(lines.find((line) => line.startsWith('breaker'))).toMatch(/32 ns +reached {2}below 100$/);
    expect(lines.find((line) => line.startsWith('waiting room'))).toMatch(/87 ns +reached {2}below 200$/);
    expect(lines.find((line) => line.startsWith('latency p99'))).toMatch(/4\.00 ms +reached {2}below 25$/);
    expect(lines.find((line) => line.startsWith('hand-off, bare loop'))).toMatch(/60000 frames\/s$/);
  });

  it('is as long as what was measured', () => {
    expect(tableOf({ breaker: report.breaker }).split('\n')).toHaveLength(1);
  });

  it('takes a figure that is unknown for missed', () => {
    const handoff = { ...report.handoff, ratioToBareLoop: NaN };
    expect(tableOf({ ...report, handoff })).toMatch(/of the bare loop .*NaN.*MISSED/);
  });
});
