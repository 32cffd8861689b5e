import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, guard, until } from '@frame-buffer/testing';
import { parse, stringify } from 'yaml';

/** A Prometheus of this test's own, with the scrape configuration and the rules of docker/. */
export interface Prometheus {
  readonly url: string;
  /** `data` of an answer. @param path below `/api/v1/` */
  ask(path: string): Promise<unknown>;
  /** The value of an expression's only sample; undefined where it has none. */
  value(expression: string): Promise<number | undefined>;
  /** Labels of the alerts that fire or are about to. */
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

interface ScrapeConfig {
  job_name: string;
  dns_sd_configs?: unknown;
  static_configs?: { targets: string[] }[];
}

const DOCKER = fileURLToPath(new URL('../../../../docker/prometheus/', import.meta.url));
const INTERVAL = '250ms';
const START_MS = 30_000;

/**
 * Replaced is only what a test can't wait for or reach: intervals, how long a condition must hold, and where the targets are.
 * @param targets by job, `host:port`
 */
export async function startPrometheus(targets: Readonly<Record<string, string[]>>): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-prometheus-'));
  writeConfiguration(directory, targets);
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
  const exited = ended(child);
  const guarding = child.pid === undefined ? undefined : guard(child.pid);
  const url = `http://127.0.0.1:${port}`;

  async function ask(path: string): Promise<unknown> {
    const response = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(START_MS) });
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`Prometheus refused ${path}: ${answer.error}`);
    return answer.data;
  }

  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
    guarding?.();
    rmSync(directory, { recursive: true, force: true });
  }

  const ready = async (): Promise<boolean> => {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`prometheus ended: ${said}`);
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  try {
    await until(ready, { what: 'Prometheus to be ready', deadlineMs: START_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    ask,
    async value(expression) {
      const { result } = (await ask(`query?query=${encodeURIComponent(expression)}`)) as {
        result: { value: [number, string] }[];
      };
      return result[0] && Number(result[0].value[1]);
    },
    alerts: async () => ((await ask('alerts')) as { alerts: Alert[] }).alerts,
    stop,
  };
}

function writeConfiguration(directory: string, targets: Readonly<Record<string, string[]>>): void {
  const config = parse(readFileSync(`${DOCKER}prometheus.yml`, 'utf8')) as {
    global: Record<string, string>;
    scrape_configs: ScrapeConfig[];
  };
  config.global = {
    ...config.global,
    scrape_interval: INTERVAL,
    scrape_timeout: INTERVAL,
    evaluation_interval: INTERVAL,
  };
  for (const job of config.scrape_configs) {
    delete job.dns_sd_configs;
    job.static_configs = [{ targets: targets[job.job_name] ?? [] }];
  }
  writeFileSync(join(directory, 'prometheus.yml'), stringify(config));
  mkdirSync(join(directory, 'rules'));
  for (const file of readdirSync(`${DOCKER}rules`)) {
    const rules = parse(readFileSync(`${DOCKER}rules/${file}`, 'utf8')) as {
      groups: { rules: { for?: string }[] }[];
    };
    for (const rule of rules.groups.flatMap((group) => group.rules)) if (rule.for) rule.for = '1s';
    writeFileSync(join(directory, 'rules', file), stringify(rules));
  }
}

/** Also where it could not be started. */
async function ended(child: ChildProcess): Promise<void> {
  await Promise.race([once(child, 'exit'), once(child, 'error')]).catch(() => {});
}
