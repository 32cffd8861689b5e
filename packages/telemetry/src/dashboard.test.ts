/** The dashboard of docker/grafana asks for metrics and labels that there are. */
import { readFileSync } from 'node:fs';
import { type MetricSpec, ORCHESTRATOR_METRICS, PROCESSOR_METRICS } from './metric-names.ts';

const file = new URL('../../../docker/grafana/dashboards/frame-buffer.json', import.meta.url);
const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: { targets: { expr: string }[] }[] };
const specs: MetricSpec[] = [...Object.values(ORCHESTRATOR_METRICS), ...Object.values(PROCESSOR_METRICS)];
const series = new Map(
  specs.flatMap((spec) =>
    spec.type === 'histogram' ? [[`${spec.name}_bucket`, spec] as const] : [[spec.name, spec] as const],
  ),
);

it.each(panels.flatMap(({ targets }) => targets.map(({ expr }) => [expr])))('%s', (expr) => {
  const [name = ''] =
    /\b(?:frame_buffer|processor)_\w+(?=[[{)])/.exec(expr.replace(/by \([^)]*\)/, '')) ?? [];
  const spec = series.get(name);
  expect(spec?.name ?? `unknown: ${name}`).toBe(spec?.name);
  const grouped = (/by \(([^)]*)\)/.exec(expr)?.[1] ?? '')
    .split(', ')
    .filter((label) => label && label !== 'le');
  expect(spec?.labels).toEqual(expect.arrayContaining(grouped));
});
