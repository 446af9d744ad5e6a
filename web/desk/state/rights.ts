/** What to offer. It mirrors the server's table so that nobody presses in vain; the server decides. */
import type { Conversation, Me } from '../contract'

type Subject = Pick<Conversation, 'team' | 'assignee'>

export function may(me: Me | null, action: string, subject?: Subject): boolean {
  const extent = me?.rights[action]
  if (!me || !extent) return false
  if (!subject || extent === 'everything') return true
  if (subject.assignee?.id === me.member.id) return true
  if (extent === 'own') return false
  if (subject.team !== null) return me.teams.some((team) => team.id === subject.team)
  return extent === 'common'
}

/** Everything that can be done with a conversation as it stands. */
export interface Possible {
  claim: boolean
  write: boolean
  note: boolean
  transfer: boolean
  return: boolean
  snooze: boolean
  resolve: boolean
  reopen: boolean
  spam: boolean
  answerTransfer: boolean
  withdrawTransfer: boolean
}

export function possible(me: Me | null, conversation: Conversation): Possible {
  const own = conversation.assignee !== null && conversation.assignee.id === me?.member.id
  const taken = conversation.state === 'assigned' || conversation.state === 'waiting_citizen'
  const open = conversation.outcome === null && (taken || conversation.state === 'queued')
  const can = (action: string): boolean => may(me, action, conversation)
  const offered = conversation.transfer
  return {
    claim: conversation.state === 'queued' && open && can('claim'),
    write: taken && own && can('write'),
    note: can('note'),
    transfer: open && can('transfer'),
    return: taken && can('transfer'),
    snooze: taken && own && can('write'),
    resolve: taken && can('resolve'),
    reopen: !open && conversation.outcome !== 'withdrawn' && can('reopen'),
    spam: open && can('mark_spam'),
    answerTransfer: offered !== null && offered.to.id === me?.member.id,
    withdrawTransfer: offered !== null && offered.from.id === me?.member.id,
  }
}
