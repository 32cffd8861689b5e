import { join } from 'node:path';
import { testProjects } from './test-projects.ts';

describe('testProjects', () => {
  it('finds packages, apps and tools', () => {
    const projects = testProjects(join(import.meta.dirname, '../../..'));
    expect(projects).toEqual(
      expect.arrayContaining(['apps/orchestrator', 'packages/router', 'tools/checks']),
    );
  });
});
