/** Something in the code without which frames would be lost, doubled or miscounted, and the test that must notice its removal. */
export interface Safeguard {
  /** For `--only` and the list. */
  readonly name: string;
  /** What would happen without it. */
  readonly prevents: string;
  /** From the root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  /** Takes its place: the code without the safeguard, still able to run. */
  readonly replace: string;
  /** From the root. */
  readonly testFile: string;
  /** Full name of the test that must fail. */
  readonly noticedBy: string;
  /** Full name of a test of the same file that must still pass: the program without the safeguard is not simply broken. */
  readonly stillPasses: string;
  /** A scenario of the failure suite that fails as well. */
  readonly scenario?: string;
}
