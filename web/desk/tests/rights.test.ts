import { describe, expect, it } from 'vitest'
import type { Conversation, Extent } from '../contract'
import { may, possible } from '../state/rights'
import { ALI, conversation, me, METTE } from './world'

describe('a right', () => {
  const subjects: Record<string, Pick<Conversation, 'team' | 'assignee'>> = {
    own: { team: 'boern', assignee: METTE },
    team: { team: 'borgerservice', assignee: ALI },
    common: { team: null, assignee: null },
    foreign: { team: 'boern', assignee: ALI },
  }
  it.each<[Extent, string[]]>([
    ['own', ['own']],
    ['team', ['own', 'team']],
    ['common', ['own', 'team', 'common']],
    ['everything', ['own', 'team', 'common', 'foreign']],
  ])('that reaches %s reaches %o', (extent, reached) => {
    const rights = { note: extent }
    expect(Object.keys(subjects).filter((name) => may(me({ rights }), 'note', subjects[name]!))).toEqual(reached)
  })

  it('that is not there reaches nothing, nor does anybody who is not signed in', () => {
    expect(may(me(), 'see_audit')).toBe(false)
    expect(may(null, 'claim')).toBe(false)
  })
})

describe('what can be done', () => {
  const able = (change: Partial<Conversation>): string[] =>
    Object.entries(possible(me(), conversation(change)))
      .filter(([, can]) => can)
      .map(([action]) => action)

  it.each<[string, Partial<Conversation>, string[]]>([
    ['waiting', {}, ['claim', 'note', 'transfer', 'spam']],
    [
      'mine',
      { state: 'assigned', assignee: METTE },
      ['write', 'note', 'transfer', 'return', 'snooze', 'resolve', 'spam'],
    ],
    ['a colleague has it', { state: 'assigned', assignee: ALI }, ['note', 'transfer', 'return', 'spam']],
    ['ended', { state: 'resolved', outcome: 'solved', assignee: METTE }, ['note', 'reopen']],
    ['withdrawn', { state: 'bot', outcome: 'withdrawn' }, ['note']],
    [
      'offered to me from another team',
      { state: 'assigned', assignee: ALI, team: 'boern', transfer: { from: ALI, to: METTE, note: '' } },
      ['answerTransfer'],
    ],
  ])('when it is %s', (_, change, expected) => {
    expect(able(change)).toEqual(expected)
  })
})
