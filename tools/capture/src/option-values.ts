import { InvalidArgumentError } from 'commander';
import { parseDuration } from './duration.ts';

/** Reads a whole number from the command line. @throws InvalidArgumentError that says what was expected */
export function wholeNumber(minimum: number, maximum: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value !== '' && Number.isInteger(number) && number >= minimum && number <= maximum) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
  };
}

/** Reads a time above 0 from the command line, in ms. @param examples shown where it can't be read @throws InvalidArgumentError */
export function timeSpan(examples: string): (value: string) => number {
  return (value) => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms > 0) return ms;
    throw new InvalidArgumentError(`Expected a time such as ${examples}.`);
  };
}
