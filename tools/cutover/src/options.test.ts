import { parseOptions } from './options.ts';

const fault = (...argv: string[]): string => {
  const parsed = parseOptions(argv);
  return parsed.kind === 'fault' ? parsed.text : parsed.kind;
};

it('has defaults for all but the action and the old group', () => {
  expect(parseOptions(['--execute', '--old-group', 'old'])).toEqual({
    kind: 'options',
    options: {
      action: 'execute',
      oldGroup: 'old',
      group: 'frame-buffer-group',
      stream: undefined,
      redis: undefined,
      orchestrator: undefined,
      minIdleMs: 10_000,
      json: false,
    },
  });
});

it('wants exactly one action', () => {
  expect(fault('--old-group', 'old')).toContain('say one of --dry-run, --execute and --undo');
  expect(fault('--old-group', 'old', '--undo', '--execute')).toContain('say one of');
});

it('wants to know the old group, but for undoing', () => {
  expect(fault('--dry-run')).toContain('--old-group is needed');
  expect(fault('--undo')).toBe('options');
});

it('refuses to put a group in its own place', () => {
  expect(fault('--execute', '--old-group', 'frame-buffer-group')).toContain('have the same name');
});

it('says what is wrong with a time', () => {
  expect(fault('--execute', '--old-group', 'old', '--idle', 'soon')).toContain('expected a time such as 10s');
});
