import type { JSX } from 'preact'
import type { Conversation, ListName } from '../contract'
import { coded, count, direction, t, words } from '../i18n'
import { href, route, withConversation } from '../router'
import { waited } from '../state/lists'
import { useDesk } from './context'

export function ListPane({ list, open }: { list: ListName; open: string | null }): JSX.Element {
  const desk = useDesk()
  const { shown, loading, failed } = desk.lists
  const listed = shown.value?.name === list ? shown.value : null
  return (
    <>
      <h2 id="list-title">{coded('list', list)}</h2>
      {failed.value && (
        <div class="problem-box" role="alert">
          <p>{t('list_failed')}</p>
          <button type="button" onClick={() => void desk.lists.refresh()}>
            {t('try_again')}
          </button>
        </div>
      )}
      {!listed && !failed.value && <p class="quiet">{t('loading')}</p>}
      {listed?.items.length === 0 && <p class="quiet">{coded('empty', list)}</p>}
      {listed && (
        <ul class="items" aria-busy={loading.value}>
          {listed.items.map((item) => (
            <li key={item.id}>
              <Item item={item} open={item.id === open} waited={waited(item, listed.readAt, desk.now.value)} list={list} />
            </li>
          ))}
        </ul>
      )}
      {listed?.next && (
        <button type="button" class="more" onClick={() => void desk.lists.more()} aria-disabled={loading.value}>
          {t('more')}
        </button>
      )}
    </>
  )
}

interface ItemProps {
  item: Conversation
  open: boolean
  waited: number
  list?: ListName
  snippet?: string
}

/** Most urgent first also within the line: who, how long, what, and then the words. */
export function Item({ item, open, waited, list, snippet }: ItemProps): JSX.Element {
  const desk = useDesk()
  const say = words.value
  const text = snippet ?? item.last_message?.text ?? ''
  return (
    <a
      class="item"
      href={href(withConversation(route.value, item.id))}
      aria-current={open ? 'true' : undefined}
      data-item={item.id}
      data-testid="item"
    >
      <span class="item-head">
        <span class="item-title">{item.service?.title ?? t('no_service')}</span>
        {item.assignee && item.unread > 0 && <span class="unread">{count('unread', item.unread)}</span>}
      </span>
      <span class="item-facts">
        {item.priority > 0 && <span class="badge urgent">{coded('reason', item.reason)}</span>}
        {item.transfer && item.transfer.to.id === desk.me?.member.id && <span class="badge">{t('offered_to_you')}</span>}
        {item.kind === 'message' && <span class="badge">{t('kind_message')}</span>}
        {list === 'resolved' ? (
          <span>{coded('outcome', item.outcome ?? 'open')}</span>
        ) : item.snoozed_until && list === 'snoozed' ? (
          <span>{t('snoozed_until', { time: say.moment(item.snoozed_until) })}</span>
        ) : (
          <span>{t(item.state === 'queued' ? 'waited' : 'waited_before', { time: say.duration(waited) })}</span>
        )}
        <span>{coded('channel', item.channel)}</span>
        <span>{say.languageName(item.language)}</span>
        {list !== 'mine' && item.assignee && <span>{item.assignee.name}</span>}
        {list !== 'mine' && <span>{desk.teamName(item.team)}</span>}
      </span>
      {text && (
        <span class="snippet" lang={item.language} dir={direction(item.language)}>
          {text}
        </span>
      )}
    </a>
  )
}
