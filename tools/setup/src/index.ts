export { freePort } from './loopback-port.ts';
export {
  CommandMissingError,
  startRedisProcess,
  type RedisProcess,
  type RedisProcessOptions,
} from './redis-process.ts';
export { guard, type WatchdogOptions } from './watchdog.ts';
export { startRedisInContainer, type RedisContainer, type RedisContainerOptions } from './redis-container.ts';
export {
  provideRedis,
  type ProvidedRedis,
  type ProvideRedisOptions,
  type RedisOrigin,
  type RedisStarters,
} from './redis.ts';
export { onInterrupt, type InterruptOptions } from './interrupts.ts';
