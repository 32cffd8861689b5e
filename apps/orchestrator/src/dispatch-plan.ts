import type { Decision, Router } from '@frame-buffer/router';
import type { HandOffItem } from '@frame-buffer/stream-consumer';
import type { Fleet, Member } from './fleet.ts';
import type { HeldFrame } from './waiting-room.ts';

/** Where one copy of a frame goes. */
export interface PlannedCopy {
  readonly member: Member;
  readonly capability: string | undefined;
  readonly decision: Decision & { processorId: string };
  /** When it was decided: what the router recalls the candidates by. */
  readonly moment: number;
}

/** A frame with a processor for everything it needs, each counted as reserved. */
export interface DispatchPlan {
  readonly held: HeldFrame;
  readonly copies: readonly PlannedCopy[];
}

/** Names a processor for every capability that the frame needs and reserves them: all or none. */
export function planDispatch(held: HeldFrame, router: Router, fleet: Fleet): DispatchPlan | undefined {
  const { cameraId, format, width, height } = held.frame;
  const copies: PlannedCopy[] = [];
  for (const capability of held.wanted) {
    const decision = router.decide({ capability, cameraId, format, width, height, avoid: held.avoid });
    const member = decision.processorId === undefined ? undefined : fleet.get(decision.processorId);
    if (decision.processorId === undefined || !member) {
      for (const copy of copies) fleet.release(copy.member);
      return undefined;
    }
    const moment = router.moment();
    fleet.reserve(member);
    copies.push({ member, capability, decision, moment });
  }
  return { held, copies };
}

/** What the hand-off needs of a plan. Begins the spans of routing and dispatch. */
export function handOffItem({ held: { entry, frame, trace }, copies }: DispatchPlan): HandOffItem {
  return {
    entry,
    copies: copies.map(({ member, capability, decision }) => {
      const { processorId, queue } = member.target;
      trace.route({ processorId, load: decision.load, reason: decision.reason });
      const fields: Record<string, string> = {
        ...trace.dispatch({ processorId, queue }),
        attempt: String(frame.attempt),
      };
      if (capability !== undefined) fields['capability'] = capability;
      return { target: member.target, fields };
    }),
  };
}
