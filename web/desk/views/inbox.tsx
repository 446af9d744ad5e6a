import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { coded, count, t } from '../i18n'
import { go, type Route, withConversation } from '../router'
import { useCommand, useDesk } from './context'
import { ConversationView } from './conversation'
import { ListPane } from './list'
import { SearchPane } from './search'

type At = Extract<Route, { view: 'list' | 'search' }>

/** A list, and beside it the conversation that is open; on small screens one at a time. */
export function Inbox({ at }: { at: At }): JSX.Element {
  const desk = useDesk()
  const before = useRef<string | null>(null)

  useEffect(() => {
    void desk.opened.open(at.id)
    const left = before.current
    before.current = at.id
    if (at.id !== null) focusSoon('conversation-title')
    // Back in the list, where one was: not at its top again.
    else if (left !== null) focusItem(left)
  }, [at.id])
  useEffect(() => {
    if (at.view === 'list') void desk.lists.show(at.list)
  }, [at.view === 'list' ? at.list : null])
  useTitle(at)

  useCommand('next', () => step(at.id, 1))
  useCommand('previous', () => step(at.id, -1))
  useCommand('open', () => (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('[data-item]')?.click())
  useCommand('list', () => step(at.id, 0))
  useCommand('back', at.id === null ? null : () => go(withConversation(at, null)))

  const name = at.view === 'list' ? coded('list', at.list) : t('search')
  return (
    <div class="inbox" data-view={at.id === null ? 'list' : 'conversation'}>
      <h1 class="sr" id="page" tabIndex={-1}>
        {name}
      </h1>
      <section class="list-pane" aria-labelledby="list-title">
        {at.view === 'list' ? <ListPane list={at.list} open={at.id} /> : <SearchPane q={at.q} open={at.id} />}
      </section>
      {at.id === null ? <p class="nothing-open quiet">{t('nothing_open')}</p> : <ConversationView key={at.id} id={at.id} at={at} />}
    </div>
  )
}

function focusSoon(id: string): void {
  setTimeout(() => document.getElementById(id)?.focus())
}

function focusItem(id: string): void {
  setTimeout(() => {
    const item = document.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`)
    ;(item ?? document.getElementById('page'))?.focus()
  })
}

/** Along the list from where the focus is, or from the conversation that is open. */
function step(open: string | null, by: number): void {
  const items = [...document.querySelectorAll<HTMLElement>('[data-item]')]
  const focused = items.indexOf(document.activeElement as HTMLElement)
  const from = focused >= 0 ? focused : items.findIndex((item) => item.dataset['item'] === open)
  const to = from < 0 ? 0 : Math.min(items.length - 1, Math.max(0, from + by))
  items[to]?.focus()
}

/** The tab says how much is new: one need not look at the desk to know. */
function useTitle(at: At): void {
  const desk = useDesk()
  const waiting = desk.lists.counts.value.waiting ?? 0
  const unread = desk.unread.value
  const name = at.view === 'list' ? coded('list', at.list) : t('search')
  useEffect(() => {
    const news = [unread && count('unread', unread), waiting && count('title_waiting', waiting)].filter(Boolean)
    document.title = `${news.length ? `(${news.join(', ')}) ` : ''}${name} – ${t('desk')}`
  })
}
