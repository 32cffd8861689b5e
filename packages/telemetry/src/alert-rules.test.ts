/** The alert rules of docker/, by Prometheus' own tool. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const prometheus = fileURLToPath(new URL('../../../docker/prometheus/', import.meta.url));
const RULES = 'rules/frame-buffer.yml';
const TESTS = 'tests/frame-buffer.yml';
const read = (file: string): string => readFileSync(prometheus + file, 'utf8');

/** What an operator is woken for. */
const WANTED = [
  'FramesUnaccounted',
  'FramesLost',
  'RedisDown',
  'RedisMayDelete',
  'RedisMemoryShort',
  'OrchestratorDown',
  'ProcessorDown',
  'ProcessorDied',
  'CircuitOpen',
  'PressureCritical',
  'FramesWaitTooLong',
  'CameraSilent',
  'CamerasSilent',
  'DeadLettersGrow',
];

it.each([
  ['check', 'config', 'prometheus.yml'],
  ['check', 'rules', RULES],
  ['test', 'rules', TESTS],
])('promtool %s %s %s', (...args) => {
  const { status, error, stdout, stderr } = spawnSync('promtool', args, {
    cwd: prometheus,
    encoding: 'utf8',
  });
  if (error)
    throw new Error('these tests need promtool on the PATH; it comes with Prometheus', { cause: error });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({
    status: 0,
    said: expect.stringContaining('SUCCESS'),
  });
});

it('has a rule for everything that an operator is woken for, and tests that fire each of them', () => {
  const alerts = [...read(RULES).matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  expect(alerts).toEqual(WANTED);
  const fired = [...read(TESTS).matchAll(/labels: '\{[^']*alertname="(\w+)"/g)].map(([, name]) => name);
  expect(alerts.filter((name) => !fired.includes(name))).toEqual([]);
});

it('says of each what is the matter and what to do', () => {
  const rules = read(RULES).split('- alert: ').slice(1);
  for (const rule of rules) expect(rule).toMatch(/severity: (critical|warning)[^]*summary: '[^]*action: '/);
});
