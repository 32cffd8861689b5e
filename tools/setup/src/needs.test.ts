import { needsOf } from './needs.mjs';

describe('needsOf', () => {
  it.each(['main-job', 'bench'])('gives %s Redis and ffmpeg', (tool) => {
    expect(needsOf(`tools/${tool}/src/main.ts`, [])).toEqual(['redis', 'ffmpeg']);
  });

  it('gives the checks a browser and a Prometheus too', () => {
    expect(needsOf('tools/checks/src/main.ts', [])).toEqual(['redis', 'ffmpeg', 'chromium', 'prometheus']);
  });

  it('gives capture ffmpeg alone', () => {
    expect(needsOf('tools/capture/src/main.ts', ['--fps', '5'])).toEqual(['ffmpeg']);
  });

  it('gives load Redis alone', () => {
    expect(needsOf('tools/load/src/main.ts', ['--fps', '5'])).toEqual(['redis']);
  });

  it('gives a program it does not know nothing', () => {
    expect(needsOf('apps/orchestrator/src/main.ts', [])).toEqual([]);
  });

  it('installs nothing for somebody who asks for help', () => {
    expect(needsOf('tools/capture/src/main.ts', ['--help'])).toEqual([]);
  });
});
