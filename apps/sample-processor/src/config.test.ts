import { readFileSync } from 'node:fs';
import { processorId, readSettings } from '@frame-buffer/models';
import { readConfig } from './config.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    const outcome = readConfig({});
    expect(outcome).toEqual({
      ok: true,
      config: {
        redisUrl: 'redis://127.0.0.1:6379',
        orchestratorUrl: 'http://127.0.0.1:8002',
        processorId: expect.stringMatching(/^sample-/),
        capabilities: ['sample_processing', 'motion_detection'],
        maxConcurrentFrames: 4,
        resultStream: undefined,
        healthPort: undefined,
        healthHost: '127.0.0.1',
        apiToken: undefined,
        logLevel: 'info',
        logFormat: 'json',
        otlpEndpoint: undefined,
        traceSampleRatio: 0.01,
        traceSlowFrameMs: 600,
      },
    });
    expect(outcome.ok && processorId.is(outcome.config.processorId)).toBe(true);
  });

  it('takes capabilities from a list', () => {
    const outcome = readConfig({ PROCESSOR_CAPABILITIES: 'motion_detection, face_detection,' });
    expect(outcome.ok && outcome.config.capabilities).toEqual(['motion_detection', 'face_detection']);
  });

  it('reports every fault at once, with name, value and what was expected', () => {
    const outcome = readConfig({
      REDIS_URL: 'localhost',
      ORCHESTRATOR_URL: 'ftp://x',
      PROCESSOR_ID: 'with space',
      PROCESSOR_CAPABILITIES: ' , ',
      MAX_CONCURRENT_FRAMES: '0',
      HEALTH_PORT: '-1',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
      TRACE_SAMPLE_RATIO: '2',
    });
    // Spaces and commas alone count as an empty list.
    expect(!outcome.ok && outcome.faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([
      'HEALTH_PORT',
      'LOG_FORMAT',
      'LOG_LEVEL',
      'MAX_CONCURRENT_FRAMES',
      'ORCHESTRATOR_URL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'PROCESSOR_CAPABILITIES',
      'PROCESSOR_ID',
      'REDIS_URL',
      'TRACE_SAMPLE_RATIO',
    ]);
    expect(!outcome.ok && outcome.faults).toContain(
      'MAX_CONCURRENT_FRAMES: expected a whole number from 1 to 1000, found "0"',
    );
  });

  it('is described in the README, each name with its default', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const source = readFileSync(new URL('./config.ts', import.meta.url), 'utf8');
    const names = [...source.matchAll(/settings\.\w+\(\s*'([A-Z_]+)'/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    const described = [...readme.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
    const asked = new Set(names.map(String));
    // Where Redis is, the settings read by themselves.
    readSettings(new Proxy({}, { get: (_env, name) => void asked.add(String(name)) })).redisUrl();
    expect(described.toSorted()).toEqual([...asked].toSorted());
  });
});
