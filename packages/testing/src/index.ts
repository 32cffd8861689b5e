export { freePort } from '@frame-buffer/setup';
export { frameRecord } from './frame-builder.ts';
export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from './redis-cluster.ts';
export { startSentinels, type SentinelOptions, type SentinelSetup } from './redis-sentinels.ts';
export { startRedis, type RedisServer, type RedisServerOptions } from './redis-server.ts';
export { registrationBody } from './registration-builder.ts';
export { startRtspServer, type RtspServer } from './rtsp-server.ts';
export { startTcpProxy, type ProxyDirection, type TcpProxy } from './tcp-proxy.ts';
export { until, type UntilOptions } from './until.ts';
