/** What docker/ shows and alarms on is what the programs expose. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ORCHESTRATOR_METRICS, PROCESSOR_METRICS, type MetricSpec } from './metric-names.ts';

const docker = fileURLToPath(new URL('../../../docker/', import.meta.url));
const specs: MetricSpec[] = [...Object.values(ORCHESTRATOR_METRICS), ...Object.values(PROCESSOR_METRICS)];
const names = new Set(
  specs.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);
/** Labels that bear the same beginning as the names of a processor's metrics. */
const LABELS = ['processor_id'];

function metricsIn(text: string): string[] {
  return (text.match(/\b(?:frame_buffer|processor)_\w+/g) ?? []).filter((word) => !LABELS.includes(word));
}

const files = ['grafana/dashboards/*.json', 'prometheus/rules/*.yml', 'prometheus/tests/*.yml'].flatMap(
  (pattern) => globSync(pattern, { cwd: docker }).sort(),
);

it('finds the dashboards, the rules and their tests', () => {
  expect(files).toHaveLength(5);
});

it.each(files)('%s names metrics that there are', (file) => {
  const used = metricsIn(readFileSync(docker + file, 'utf8'));
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((name) => !names.has(name))).toEqual([]);
});

describe.each(files.filter((file) => file.startsWith('grafana/')))('%s', (file) => {
  const { panels } = JSON.parse(readFileSync(docker + file, 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  it.each(panels.flatMap(({ targets }) => targets.map(({ expr }) => [expr])))('%s', (expr) => {
    const [name = ''] = metricsIn(expr.replace(/by \([^)]*\)/g, ''));
    const spec = specs.find(
      (each) => name.replace(/_(bucket|sum|count)$/, '') === each.name || name === each.name,
    );
    expect(spec?.name ?? `unknown: ${name}`).toBe(spec?.name);
    const grouped = (/by \(([^)]*)\)/.exec(expr)?.[1] ?? '')
      .split(/, ?/)
      .filter((label) => label && label !== 'le');
    expect(spec?.labels).toEqual(expect.arrayContaining(grouped));
  });
});
