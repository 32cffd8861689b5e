import { decodeRegistration, keyNames } from '@frame-buffer/models';
import { registrationBody } from './registration-builder.ts';

describe('registrationBody', () => {
  it('is a registration that models decodes', () => {
    expect(decodeRegistration(registrationBody(), keyNames())).toMatchObject({
      ok: true,
      value: { id: 'processor-1', capacity: 10, queue: 'frames:ready:processor-1' },
    });
  });

  it('names the queue after the id', () => {
    expect(registrationBody({ id: 'p2' }).queue).toBe('frames:ready:p2');
  });

  it('takes overrides', () => {
    expect(registrationBody({ capacity: 3, takeover: true })).toMatchObject({ capacity: 3, takeover: true });
  });
});
