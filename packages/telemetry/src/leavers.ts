/**
 * Whose series are to disappear. A series must be scraped once more after its last count, or that count was never seen:
 * it goes at the second scrape after `leave`.
 */
export class Leavers {
  private due = new Set<string>();
  private reported = new Set<string>();

  leave(id: string): void {
    this.due.add(id);
  }

  /** It counts again: it stays. */
  stays(id: string): void {
    if (this.due.size === 0 && this.reported.size === 0) return;
    this.due.delete(id);
    this.reported.delete(id);
  }

  /** Called at each scrape. @returns those that go now */
  scraped(): Iterable<string> {
    const gone = this.reported;
    this.reported = this.due;
    this.due = new Set();
    return gone;
  }
}
