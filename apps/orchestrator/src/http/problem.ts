import type { Fault } from '@frame-buffer/models';

/** An answer that says what went wrong: an RFC 9457 problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly faults: readonly Fault[];

  constructor(status: number, detail: string, faults: readonly Fault[] = []) {
    super(detail);
    this.status = status;
    this.faults = faults;
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Token needed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  422: 'Invalid input',
  500: 'Internal error',
  503: 'Not available',
};

export interface ProblemDocument {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly Fault[];
}

export function problemDocument(problem: Problem, instance: string): ProblemDocument {
  return {
    type: 'about:blank',
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    instance,
    ...(problem.faults.length > 0 ? { errors: problem.faults } : {}),
  };
}

export const noProcessor = (id: string): Problem =>
  new Problem(404, `There is no processor ${id}; register it first.`);

export const invalid = (what: string, faults: readonly Fault[]): Problem =>
  new Problem(422, `${what} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.`, faults);
