import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { RedisNode } from '@frame-buffer/models';
import { AbstractConnector, type RedisOptions } from 'ioredis';

/** For ioredis' option of this name. */
export type Connector = NonNullable<RedisOptions['Connector']>;

export interface NodeConnectorOptions {
  /** Asked before each connection. */
  readonly find: () => Promise<RedisNode>;
  readonly tls: boolean;
  readonly retryDelayMs: (times: number) => number;
  /** Hears of another node that one should go to. @returns a function that ends it */
  readonly watch?: (onNode: (node: RedisNode) => void) => () => void;
}

/** ioredis' own default. */
const DISCONNECT_TIMEOUT_MS = 2_000;

/**
 * Connects to the node that `find` names at the moment. ioredis' own connector for Sentinels ends its client for good where it
 * hears of a failover while it is connecting (6.0.0); this one goes on until there is a connection or nobody waits for one.
 */
export function nodeConnector({ find, tls, retryDelayMs, watch }: NodeConnectorOptions): Connector {
  return class NodeConnector extends AbstractConnector {
    private target: RedisNode | undefined;
    private unwatch: (() => void) | undefined;

    constructor() {
      super(DISCONNECT_TIMEOUT_MS);
    }

    // A primary has it that was one when it was found: replicas refuse what is written, and are left then.
    override check(info: { role?: string }): boolean {
      return info.role === undefined || info.role === 'master';
    }

    override async connect(emit: (type: string, error: Error) => void): Promise<AbstractConnector['stream']> {
      this.connecting = true;
      this.unwatch ??= watch?.((node) => this.leaveFor(node));
      let target: RedisNode | undefined;
      for (let times = 1; !target; times++) {
        target = await find().catch((error: Error) => void emit('error', error));
        // A connector that rejects ends its client.
        if (!this.connecting) throw new Error('Connection is closed.');
        if (!target) await sleep(retryDelayMs(times));
      }
      const stream = tls ? connectTls({ ...target }) : connectTcp({ ...target });
      stream.once('error', (error) => (this.firstError = error));
      this.target = target;
      this.stream = stream;
      return stream;
    }

    override disconnect(): void {
      super.disconnect();
      this.unwatch?.();
      this.unwatch = undefined;
    }

    /** At once: a node that stands still would answer a polite goodbye when it comes back, and do what was sent before. */
    private leaveFor({ host, port }: RedisNode): void {
      if (this.target && (this.target.host !== host || this.target.port !== port)) this.stream?.destroy();
    }
  };
}
