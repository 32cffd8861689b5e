export { checkPackages, type PackageReport } from './check-packages.ts';
export { type EmptyProject, installed } from './empty-project.ts';
