/** @import { LiveState } from '../src/page/live-state.ts' */
/** @import { FlowPoint } from '../src/page/flow.ts' */
// @ts-expect-error served from the package as it is
import UPlot from './uplot.js';
import { byId } from './element.js';
import { clock } from './format.js';

const KEPT = 300;
const HEIGHT = 170;
const dark = matchMedia('(prefers-color-scheme: dark)');

/** In, done, and another way, over the last minutes. */
export function createFlowChart() {
  const figure = byId('chart', HTMLElement);
  /** @type {[number[], (number | null)[], (number | null)[], (number | null)[]]} */
  let data = [[], [], [], []];
  let chart = make();

  function make() {
    const quiet = dark.matches ? '#98a2b6' : '#5b6579';
    const grid = { stroke: dark.matches ? '#2b3444' : '#e6e9ef', width: 1 };
    const axis = { stroke: quiet, grid, ticks: { show: false }, font: '12px system-ui' };
    const points = { show: false };
    /** @type {(chart: unknown, seconds: number[]) => string[]} */
    const times = (_chart, seconds) => seconds.map((at) => clock(at * 1_000));
    const { clientWidth } = figure;
    return new UPlot(
      {
        width: Math.max(200, clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 8, 0, 0],
        scales: {
          y: {
            range: (/** @type {unknown} */ _chart, /** @type {number} */ _min, /** @type {number} */ max) => [
              0,
              Math.max(1, (max || 0) * 1.1),
            ],
          },
        },
        axes: [
          { ...axis, space: 90, size: 28, values: times },
          { ...axis, size: 48, space: 32 },
        ],
        series: [
          {},
          { label: 'in', stroke: '#4a83f0', width: 2, points },
          { label: 'done', stroke: '#22a06b', width: 2, points },
          { label: 'another way', stroke: '#d64550', width: 1.5, points },
        ],
      },
      data,
      figure,
    );
  }

  function remake() {
    chart.destroy();
    chart = make();
  }
  dark.addEventListener('change', remake);
  new ResizeObserver(() => {
    const { clientWidth } = figure;
    if (clientWidth > 0 && clientWidth !== chart.width) chart.setSize({ width: clientWidth, height: HEIGHT });
  }).observe(figure);

  return {
    /** @param {readonly FlowPoint[]} points */
    history(points) {
      data = [
        points.map(([atMs]) => atMs / 1_000),
        points.map(([, into]) => into),
        points.map(([, , done]) => done),
        points.map(([, , , other]) => other),
      ];
    },
    /** @param {LiveState} state */
    add({ atMs, flow }) {
      if ((data[0].at(-1) ?? 0) >= atMs / 1_000) return;
      data[0].push(atMs / 1_000);
      data[1].push(flow.in);
      data[2].push(flow.done);
      data[3].push(flow.dead === null ? null : flow.dead + (flow.shed ?? 0) + (flow.lost ?? 0));
      if (data[0].length > KEPT) for (const line of data) line.shift();
    },
    draw: () => chart.setData(data),
  };
}
