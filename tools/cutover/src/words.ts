import type { Refusal, RestoredGroup, TakenGroup } from '@frame-buffer/stream-consumer';

/** Why nothing was done, and what helps. */
export function refusalText({ reason, detail }: Refusal): string {
  switch (reason) {
    case 'no_such_group':
      return `there is no consumer group ${detail} on the input`;
    case 'consumer_active': {
      const at = detail.lastIndexOf(' ');
      return `the old service still reads: consumer ${detail.slice(0, at)} was seen ${detail.slice(at + 1)} ms ago; stop it first`;
    }
    case 'group_in_use':
      return `the new group ${detail} has read frames already; a cutover starts a new one`;
    case 'group_has_consumers':
      return `the new group has a consumer, ${detail}: an orchestrator runs or ran here; stop it, and remove the group`;
    case 'books_open':
      return `books are open in ${detail}: an orchestrator runs or ran here already`;
    case 'nothing_taken':
      return `nothing was taken over, as far as ${detail} tells: there is nothing to undo`;
    case 'old_group_exists':
      return `the group ${detail} is there again: the old service was started; stop it, and decide which of the two goes on`;
    case 'orchestrator_alive':
      return `an orchestrator lives: ${leaseText(detail)}; stop it (SIGTERM) first`;
  }
}

function leaseText(lease: string): string {
  try {
    const { id, pid, since } = JSON.parse(lease) as { id?: string; pid?: number; since?: string };
    return `${id} (pid ${pid}, since ${since})`;
  } catch {
    return lease;
  }
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export function takenText(taken: TakenGroup, committed: boolean): string {
  const { old_group, position, unread, pending, gone, consumers } = taken;
  const lines = [
    `group         ${old_group}: ${counted(consumers.length, 'consumer')}, position ${position}, ${counted(unread, 'frame')} unread behind it`,
    `pending       ${counted(pending.length, 'frame')}${committed ? ' taken over, each counted in the new group' : ' would be taken over'}`,
  ];
  if (gone.length > 0)
    lines.push(
      `gone          ${counted(gone.length, 'pending entry').replace('entrys', 'entries')} had lost the record before (a publisher trims the input): ${gone.join(', ')}`,
    );
  return lines.join('\n');
}

export function restoredText(restored: RestoredGroup, committed: boolean): string {
  const { old_group, position, unread, pending, settled, again, gone, returned } = restored;
  const lines = [
    `group         ${old_group}: ${committed ? 'restored' : 'would be restored'} at ${position}, ${counted(unread, 'frame')} unread behind it`,
    `pending       ${counted(pending.length, 'frame')}, each with the consumer and deliveries it had`,
    `done          ${counted(settled.length, 'frame')} of those taken over ${settled.length === 1 ? 'was' : 'were'} finished meanwhile`,
    `again         ${counted(again, 'frame')} that the new service had read and not finished, into the input, behind the others: to be read as new`,
    `returned      ${counted(returned, 'frame')} from the retry stream into the input, in the same way`,
  ];
  if (gone.length > 0)
    lines.push(
      `gone          ${counted(gone.length, 'frame')} that the new service had read, without a record (a publisher trims the input): ${gone.join(', ')}`,
    );
  return lines.join('\n');
}
