/** Its message is one sentence that says what to do; no stack helps. */
export class SetupError extends Error {}
