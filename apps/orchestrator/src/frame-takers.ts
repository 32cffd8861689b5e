import type { Router } from '@frame-buffer/router';
import type { HeldFrame } from './waiting-room.ts';

/** The processors that accept a frame, for each of its needs. */
export interface FrameTakers {
  /** The same for frames that the same processors accept. */
  readonly key: string;
  /** Whether there is one with credit for each need. */
  haveCredit(): boolean;
}

/** The same for frames that are the same to every processor. */
export function kindOf({ frame: { cameraId, format, width, height }, avoid }: HeldFrame): string {
  return `${width} ${height} ${format?.length} ${format} ${avoid?.length} ${avoid} ${cameraId}`;
}

export function frameTakers(
  { frame, wanted, avoid }: HeldFrame,
  router: Pick<Router, 'takers'>,
): FrameTakers {
  const { cameraId, format, width, height } = frame;
  const all = wanted.map((capability) =>
    router.takers({ capability, cameraId, format, width, height, avoid }),
  );
  return {
    key: all.map(({ key }) => key).join('+'),
    haveCredit: () => all.every((takers) => takers.haveCredit()),
  };
}
