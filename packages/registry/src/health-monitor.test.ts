/** Against real HTTP servers on loopback. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHealthMonitor, type HealthEvent, type HealthMonitorOptions } from './health-monitor.ts';
import { httpProbe } from './http-probe.ts';
import { endpointFault, isLinkLocal } from './probe-address.ts';

let server: Server;
let url: string;
/** What the server answers; undefined: nothing at all. */
let status: number | undefined;
let asked: string[] = [];
let events: HealthEvent[] = [];

beforeEach(async () => {
  status = 200;
  asked = [];
  events = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end('a body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const monitor = (options: Partial<HealthMonitorOptions> = {}) =>
  createHealthMonitor({
    targets: () => [{ processorId: 'p1', endpoint: `${url}/health` }],
    onEvent: (event) => void events.push(event),
    timeoutMs: 2_000,
    ...options,
  });
const said = () => events.filter(({ type }) => type !== 'probed');

describe('the health monitor', () => {
  it('calls a processor unhealthy after two failed cycles, and says so once', async () => {
    const watching = monitor();
    await watching.cycle();
    status = 503;
    await watching.cycle();
    expect([said(), watching.isHealthy('p1')]).toEqual([[], true]);
    await watching.cycle();
    await watching.cycle();
    expect(said()).toEqual([{ type: 'unhealthy', processorId: 'p1', reason: 'it answered 503' }]);
    expect(watching.isHealthy('p1')).toBe(false);
  });

  it('forgets a failure that a success follows', async () => {
    const watching = monitor();
    for (const next of [503, 200, 503, 200]) {
      status = next;
      await watching.cycle();
    }
    expect(said()).toEqual([]);
  });

  it('calls it recovered after two successes in a row', async () => {
    const watching = monitor({ failedCycles: 1 });
    for (const next of [500, 200, 500, 200]) {
      status = next;
      await watching.cycle();
    }
    expect(watching.isHealthy('p1')).toBe(false);
    await watching.cycle();
    expect(said().map(({ type }) => type)).toEqual(['unhealthy', 'recovered']);
  });

  it('tells for how long its probes have failed in a row, and why the last one did', async () => {
    const watching = monitor();
    status = 500;
    await watching.cycle();
    expect(watching.failing('p1')).toBeUndefined();
    const betweenMs = performance.now();
    status = 503;
    await watching.cycle();
    const leastMs = performance.now() - betweenMs;
    const failing = watching.failing('p1');
    expect(failing?.reason).toBe('it answered 503');
    expect(failing?.forMs).toBeGreaterThan(leastMs);
    status = 200;
    await watching.cycle();
    expect([watching.failing('p1'), watching.isHealthy('p1')]).toEqual([undefined, false]);
  });

  it('takes no answer in time for a failure', async () => {
    status = undefined;
    await monitor({ timeoutMs: 50, failedCycles: 1 }).cycle();
    expect(said()).toEqual([{ type: 'unhealthy', processorId: 'p1', reason: 'no answer within 50 ms' }]);
  });

  it('takes a refused connection for a failure', async () => {
    await monitor({ targets: () => [{ processorId: 'p1', endpoint: 'http://127.0.0.1:1/' }] }).cycle();
    expect(events[0]).toMatchObject({ type: 'probed', outcome: { ok: false } });
  });

  it('follows no redirect', async () => {
    status = 302;
    await monitor().cycle();
    expect(events[0]).toMatchObject({ outcome: { ok: false, reason: 'it answered 302' } });
    expect(asked).toEqual(['/health']);
  });

  it('has no more probes under way than it may', async () => {
    let active = 0;
    let most = 0;
    const targets = Array.from({ length: 20 }, (_none, i) => ({ processorId: `p${i}`, endpoint: url }));
    const request = async (): Promise<number> => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => setTimeout(resolve, 2));
      active--;
      return 200;
    };
    await monitor({ targets: () => targets, request, maxConcurrent: 3 }).cycle();
    expect(most).toBe(3);
    expect(events).toHaveLength(20);
  });

  it('spreads its probes over a share of the cycle, and ends with the signal', async () => {
    const ending = new AbortController();
    const startMs = performance.now();
    const atMs: number[] = [];
    const request = async (): Promise<number> => {
      atMs.push(performance.now() - startMs);
      if (atMs.length === 3) ending.abort();
      return 200;
    };
    const shares = [0, 0.5, 0.99];
    await monitor({
      targets: () => ['p1', 'p2', 'p3'].map((processorId) => ({ processorId, endpoint: url })),
      request,
      everyMs: 400,
      jitter: 0.5,
      rng: () => shares.shift() ?? 0,
    }).run(ending.signal);
    expect(atMs[1]).toBeGreaterThanOrEqual(95);
    expect(atMs[2]).toBeGreaterThanOrEqual(190);
  });

  it('knows nothing any more of one that left', async () => {
    let present = true;
    const watching = monitor({
      targets: () => (present ? [{ processorId: 'p1', endpoint: url }] : []),
      failedCycles: 1,
    });
    status = 500;
    await watching.cycle();
    present = false;
    await watching.cycle();
    expect(watching.isHealthy('p1')).toBe(true);
  });
});

describe('a probe', () => {
  const signal = AbortSignal.timeout(5_000);

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://[fe80::1]/',
    'http://[febf::1]:80/',
    'http://[::ffff:169.254.169.254]/',
    'https://169.254.1.1/',
  ])('of the link-local address %s is refused', async (endpoint) => {
    await expect(httpProbe(endpoint, signal)).rejects.toThrow('link-local');
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'gopher://h/', 'nothing'])(
    'of %s is refused',
    async (endpoint) => {
      await expect(httpProbe(endpoint, signal)).rejects.toThrow(/only http and https|no address/);
    },
  );

  it('goes by the address that a name resolves to', async () => {
    const { port } = server.address() as AddressInfo;
    expect(await httpProbe(`http://localhost:${port}/`, signal)).toBe(200);
  });

  it.each([
    ['169.254.0.1', true],
    ['169.253.255.255', false],
    ['fe80::1%eth0', true],
    ['fec0::1', false],
    ['::ffff:169.254.7.7', true],
    ['::ffff:10.0.0.1', false],
    ['127.0.0.1', false],
    ['no address', false],
  ])('%s is link-local: %s', (address, expected) => {
    expect(isLinkLocal(address)).toBe(expected);
  });

  it('may go to a private address', () => {
    expect(endpointFault('http://10.0.0.7:8080/health')).toBeUndefined();
  });
});
