import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Detail, Suggestion } from '../contract'
import { coded, direction, t, words } from '../i18n'
import { href, route, withConversation } from '../router'
import { Appointments } from './booking/appointments'
import { useCommand, useDesk } from './context'
import { Knowledge } from './knowledge'
import { TextArea } from './parts'

const TABS = ['help', 'notes', 'citizen', 'activity'] as const
type Tab = (typeof TABS)[number]

interface Props {
  detail: Detail
  canNote: boolean
  canWrite: boolean
}

/** What helps with the answer: knowledge, colleagues' notes, the citizen's other matters, what happened. */
export function Aside({ detail, canNote, canWrite }: Props): JSX.Element {
  const [tab, setTab] = useState<Tab>('help')
  const tabs = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const suggestions = useSuggestions(detail)

  const show = (to: Tab, focus: string): void => {
    setTab(to)
    setTimeout(() => panel.current?.querySelector<HTMLElement>(focus)?.focus())
  }
  useCommand('knowledge', () => show('help', 'input[type=search]'))
  useCommand('note', canNote ? () => show('notes', 'textarea') : null)

  const turn = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -TABS.length, End: TABS.length }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const at = TABS.indexOf(tab) + by
    const to = Math.abs(by) > 1 ? Math.min(TABS.length - 1, Math.max(0, at)) : (at + TABS.length) % TABS.length
    setTab(TABS[to]!)
    tabs.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus()
  }

  return (
    <section class="aside" id="aside" aria-label={t('aside')}>
      <div class="tabs" role="tablist" aria-label={t('aside')} ref={tabs} onKeyDown={turn}>
        {TABS.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={tab === one}
            aria-controls="aside-panel"
            tabIndex={tab === one ? 0 : -1}
            onClick={() => setTab(one)}
            data-testid={`tab-${one}`}
          >
            {coded('tab', one)}
            {one === 'notes' && detail.notes.length > 0 && ` (${detail.notes.length})`}
          </button>
        ))}
      </div>
      <div class="panel" id="aside-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} ref={panel}>
        {tab === 'help' && (
          <>
            <Suggested suggestions={suggestions} detail={detail} canWrite={canWrite} />
            <Knowledge detail={detail} canWrite={canWrite} />
          </>
        )}
        {tab === 'notes' && <Notes detail={detail} canNote={canNote} />}
        {tab === 'citizen' && <Citizen detail={detail} />}
        {tab === 'activity' && <Trail detail={detail} />}
      </div>
    </section>
  )
}

/** Anew with every word of the citizen. */
function useSuggestions(detail: Detail): Suggestion[] {
  const desk = useDesk()
  const [found, setFound] = useState<Suggestion[]>([])
  const { id } = detail.conversation
  const last = desk.opened.messages.value.findLast((message) => message.author === 'citizen')?.seq ?? 0
  useEffect(() => {
    let current = true
    desk.api.suggestions(id).then(
      (items) => current && setFound(items.slice(0, 3)),
      // A help, no more: without them one searches.
      () => current && setFound([]),
    )
    return () => {
      current = false
    }
  }, [desk, id, last])
  return found
}

function Suggested(props: { suggestions: Suggestion[]; detail: Detail; canWrite: boolean }): JSX.Element | null {
  const { suggestions, detail, canWrite } = props
  const desk = useDesk()
  const { id } = detail.conversation
  const attach = (at: number): (() => void) | null => {
    const one = suggestions[at]
    if (!one || !canWrite) return null
    return () => {
      desk.drafts.set(id, { card: { service: one.service, title: one.title } })
      desk.notices.say(t('card_attached', { title: one.title }))
      document.getElementById('reply')?.focus()
    }
  }
  useCommand('attach1', attach(0))
  useCommand('attach2', attach(1))
  useCommand('attach3', attach(2))
  if (suggestions.length === 0) return null
  const lang = detail.citizen.language
  return (
    <section>
      <h3>{t('suggestions')}</h3>
      <ol class="picks">
        {suggestions.map((one, at) => (
          <li key={one.service} data-testid="suggestion">
            <h4 lang={lang} dir={direction(lang)}>
              {one.title}
            </h4>
            <p class="clamped" lang={lang} dir={direction(lang)}>
              {one.text}
            </p>
            {canWrite && (
              <button type="button" onClick={() => attach(at)?.()} data-testid="attach">
                {t('attach')} <span class="sr">{one.title}</span> <kbd aria-hidden="true">{at + 1}</kbd>
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Notes({ detail, canNote }: { detail: Detail; canNote: boolean }): JSX.Element {
  const desk = useDesk()
  const [text, setText] = useState('')
  return (
    <section>
      <h3>{t('notes')}</h3>
      {detail.notes.length === 0 && <p class="quiet">{t('notes_none')}</p>}
      <ul class="notes">
        {detail.notes.map((note) => (
          <li key={note.id} data-testid="note">
            <p class="byline">
              <strong>{note.author}</strong> {words.value.moment(note.at)}
            </p>
            <p class="text" dir="auto">
              {note.text}
            </p>
          </li>
        ))}
      </ul>
      {canNote && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (text.trim()) void desk.note(detail.conversation.id, text.trim()).then((worked) => worked && setText(''))
          }}
        >
          <TextArea label={t('note_new')} hint={t('note_hint')} value={text} required onText={setText} />
          <button aria-disabled={desk.busy.value}>{t('note_save')}</button>
        </form>
      )}
    </section>
  )
}

function Citizen({ detail }: { detail: Detail }): JSX.Element {
  const say = words.value
  return (
    <section>
      <h3>{t('others')}</h3>
      {detail.others.length === 0 && <p class="quiet">{t('others_none')}</p>}
      <ul>
        {detail.others.map((other) => (
          <li key={other.id}>
            <a href={href(withConversation(route.value, other.id))}>
              {other.service?.title ?? t('no_service')}, {coded('channel', other.channel)}, {say.moment(other.at)}
            </a>
          </li>
        ))}
      </ul>
      <Appointments of={detail.appointments} />
    </section>
  )
}

function Trail({ detail }: { detail: Detail }): JSX.Element {
  return (
    <section>
      <h3>{t('activity')}</h3>
      <ol class="trail">
        {detail.activity.map((one, at) => (
          <li key={at}>
            <span class="quiet">{words.value.moment(one.at)}</span> {coded('activity', one.kind)}
            {one.actor && <span class="quiet"> ({coded('author', one.actor)})</span>}
          </li>
        ))}
      </ol>
    </section>
  )
}
