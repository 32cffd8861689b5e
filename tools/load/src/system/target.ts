/** What the load goes to. */
export interface Target {
  readonly redisUrl: string;
  readonly orchestratorUrls: readonly string[];
  /** Resident memory of the orchestrators that were started here, in MiB, the largest; undefined where it isn't known. */
  memoryMiB(): number | undefined;
  /** What they still hold once their garbage is collected, in MiB, the largest; undefined where it isn't known. It stops them for some ms. */
  collectedHeapMiB(): Promise<number | undefined>;
  /** Says which of the programs that were started here has ended. */
  ended(): string | undefined;
  /** Ends what was started here. */
  stop(): Promise<void>;
}
