export { booksTable, reportOf, exitCodeOf, type Report } from './report.ts';
export { since } from './run-books.ts';
export { startSystem, type System, type SystemOptions } from './system.ts';
export { createTerminal, type Terminal } from './terminal.ts';
