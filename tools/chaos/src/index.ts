export { reportOf, type Report } from './report.ts';
export { type Scenario, type ScenarioResult } from './scenario.ts';
export { SCENARIOS } from './scenarios.ts';
export { runSuite, type SuiteOptions } from './suite.ts';
