/**
 * Where Redis is, as one text that everything passes on:
 * - `redis://[user:password@]host:port[/db]`: one server
 * - `redis-sentinel://[user:password@]host:port,host:port/<name of the primary>[?db=0&sentinel_password=...]`: whoever the
 *   Sentinels say is the primary
 * - `redis-cluster://[user:password@]host:port,host:port[/<hash tag>]`: the node of a cluster that holds the slot of the hash tag
 *
 * With TLS it is `rediss`. User, password and names are percent-encoded.
 */
export type RedisAddress = RedisServerAddress | RedisSentinelAddress | RedisClusterAddress;

export interface RedisServerAddress {
  readonly kind: 'server';
  readonly url: string;
}

interface SeveralNodes {
  /** Some are enough: the others are found through them. */
  readonly nodes: readonly RedisNode[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

export interface RedisSentinelAddress extends SeveralNodes {
  readonly kind: 'sentinel';
  readonly primary: string;
  readonly db: number;
  readonly sentinelPassword: string | undefined;
}

export interface RedisClusterAddress extends SeveralNodes {
  readonly kind: 'cluster';
  /** In the names of all keys, so that they lie in one slot, and scripts can reach them. */
  readonly hashTag: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_HASH_TAG = 'frame-buffer';
const DEFAULT_PORTS = { sentinel: 26_379, cluster: 6_379 } as const;
const MAX_DB = 1_000_000;

const SEVERAL = /^(rediss?)-(sentinel|cluster):\/\/(?:([^@/]*)@)?([^@/?]+)(?:\/([^/?{}]*))?(?:\?(.*))?$/;

/** @returns undefined for anything else */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const [, scheme, kind, login, hosts, path, query] = SEVERAL.exec(text) ?? [];
  if (!hosts) return isServer(text) ? { kind: 'server', url: text } : undefined;
  const nodes = parseRedisNodes(hosts, DEFAULT_PORTS[kind as 'sentinel' | 'cluster']);
  const [username, password] = loginOf(login);
  const name = decoded(path ?? '');
  if (!nodes || name === undefined) return undefined;
  const common = { nodes, username, password, tls: scheme === 'rediss' };
  if (kind === 'cluster')
    return query === undefined ? { kind, ...common, hashTag: name || DEFAULT_HASH_TAG } : undefined;
  const parameters = new URLSearchParams(query);
  const db = Number(parameters.get('db') ?? 0);
  if (!name || !Number.isInteger(db) || db < 0 || db > MAX_DB) return undefined;
  const sentinelPassword = parameters.get('sentinel_password') ?? undefined;
  return { kind: 'sentinel', ...common, primary: name, db, sentinelPassword };
}

/** Hosts with commas between them, each with its port or without. */
export function parseRedisNodes(text: string, defaultPort: number): readonly RedisNode[] | undefined {
  const nodes = text.split(',').map((item): RedisNode | undefined => {
    const url = `redis://${item.trim()}`;
    if (!URL.canParse(url)) return undefined;
    const { hostname, port, username, pathname, search, hash } = new URL(url);
    if (!hostname || username || pathname || search || hash) return undefined;
    return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || defaultPort) };
  });
  return nodes.every((node) => node !== undefined) ? nodes : undefined;
}

/** What may be shown of it: hosts and ports, without user, password and the rest. */
export function shownRedisAddress(text: string): string {
  const address = parseRedisAddress(text);
  if (!address) return 'a faulty address';
  if (address.kind === 'server') return new URL(address.url).host;
  const nodes = address.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  return `${nodes} (${address.kind === 'sentinel' ? `Sentinel, ${address.primary}` : 'Cluster'})`;
}

/** For `keyNames`: in a cluster all keys bear one, elsewhere none. */
export function hashTagOf(text: string): string | undefined {
  const address = parseRedisAddress(text);
  return address?.kind === 'cluster' ? address.hashTag : undefined;
}

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'redis:' || protocol === 'rediss:') && hostname !== '';
}

function loginOf(text: string | undefined): [username: string | undefined, password: string | undefined] {
  if (!text) return [undefined, undefined];
  const [username, ...password] = text.split(':');
  return [
    decoded(username ?? '') || undefined,
    password.length > 0 ? decoded(password.join(':')) : undefined,
  ];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
