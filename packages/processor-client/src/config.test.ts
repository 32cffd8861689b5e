import { environmentOptions } from './config.ts';
import { completeOptions } from './options.ts';

const needed = { id: 'p1', capabilities: ['a'], process: () => {} };

describe('the environment', () => {
  it('says where the system is', () => {
    expect(
      environmentOptions({ ORCHESTRATOR_URL: 'http://o:8002', REDIS_HOST: 'r', API_TOKEN: 't' }),
    ).toEqual({
      orchestratorUrl: 'http://o:8002',
      redisUrl: 'redis://r:6379',
      apiToken: 't',
    });
  });

  it('leaves out what it does not say', () => {
    expect(environmentOptions({ REDIS_URL: ' ' })).toEqual({});
  });

  it('comes after what the author gives, and before the defaults', () => {
    const env = { ORCHESTRATOR_URL: 'http://o:8002', REDIS_URL: 'redis://r:6379' };
    expect(completeOptions({ ...needed, redisUrl: 'redis://mine:1' }, env)).toMatchObject({
      orchestratorUrl: 'http://o:8002',
      redisUrl: 'redis://mine:1',
    });
    expect(completeOptions(needed, {})).toMatchObject({ redisUrl: 'redis://127.0.0.1:6379' });
  });
});
