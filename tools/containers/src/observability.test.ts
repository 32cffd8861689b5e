/** What the overlay for observability provides leads to services that are there, and to files that are mounted. */
import { globSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../docker/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const every = (pattern: RegExp, text: string): string[] =>
  [...text.matchAll(pattern)].map(([, one = '']) => one);

const overlay = read('compose.observability.yaml');
const datasources = read('grafana/provisioning/datasources/datasources.yaml');
const servicesOf = (file: string): string[] =>
  every(/^ {2}([a-z0-9-]+):$/gm, read(file).split(/^volumes:/m)[0] ?? '');
const services = new Set(globSync('compose*.yaml', { cwd: FOLDER }).flatMap(servicesOf));

it('Grafana asks services of the stack', () => {
  const hosts = every(/^ {4}url: http:\/\/([a-z-]+):\d+$/gm, datasources);
  expect(hosts).toEqual(['prometheus', 'jaeger']);
  expect(hosts.filter((host) => !services.has(host))).toEqual([]);
});

it('Grafana finds the dashboards where they are mounted, and what they ask for among its data sources', () => {
  const [path] = every(/path: (.*)$/gm, read('grafana/provisioning/dashboards/dashboards.yaml'));
  expect(overlay).toContain(`- ./grafana/dashboards:${path}:ro`);
  const uids = every(/^ {4}uid: (.*)$/gm, datasources);
  const asked = globSync('grafana/dashboards/*.json', { cwd: FOLDER }).flatMap((file) =>
    every(/"datasource": \{[^}]*"uid": "([^"]+)"/g, read(file)),
  );
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((uid) => !uids.includes(uid) && uid !== '-- Grafana --')).toEqual([]);
});

it('Prometheus finds rules where they are mounted, and scrapes services of the stack', () => {
  const config = read('prometheus/prometheus.yml');
  expect(overlay).toContain('- ./prometheus:/etc/prometheus:ro');
  expect(
    globSync(every(/^rule_files: \[(.*)\]$/gm, config), { cwd: new URL('prometheus/', FOLDER) }),
  ).not.toEqual([]);
  const scraped = every(/names: \[(.*)\]/g, config).flatMap((names) => names.split(', '));
  expect(scraped.length).toBeGreaterThan(0);
  expect(scraped.filter((name) => !services.has(name))).toEqual([]);
});

it('traces go to a service of the stack, from every program that a frame passes', () => {
  const recording = every(/^ {2}([a-z-]+):\n {4}environment:\n {6}OTEL_EXPORTER_OTLP_ENDPOINT:/gm, overlay);
  expect(recording.toSorted()).toEqual(['capture', 'orchestrator', 'processor']);
  const receivers = every(/OTEL_EXPORTER_OTLP_ENDPOINT: http:\/\/([a-z-]+):4318/g, overlay);
  expect(receivers.filter((host) => !services.has(host))).toEqual([]);
});
