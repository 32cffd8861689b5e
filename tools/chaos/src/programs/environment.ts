/** What the chaos processor is told by the program that starts it. */
export interface ProcessorSettings {
  readonly id: string;
  readonly orchestratorUrl: string;
  readonly redisUrl: string;
  readonly workMs: number;
  readonly concurrency: number;
  readonly leaseMs: number;
}

/** @throws Error that names the variable that is missing */
export function processorSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ProcessorSettings {
  const text = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: this program is started by npm run chaos`);
    return value;
  };
  return {
    id: text('PROCESSOR_ID'),
    orchestratorUrl: text('ORCHESTRATOR_URL'),
    redisUrl: text('REDIS_URL'),
    workMs: Number(text('WORK_MS')),
    concurrency: Number(text('CONCURRENCY')),
    leaseMs: Number(text('LEASE_MS')),
  };
}
