export { missingEngine } from './docker.ts';
