import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Presence } from '../contract'
import { LISTS } from '../contract'
import { coded, count, t } from '../i18n'
import { ADMIN_PAGES, type AdminPage, go, href, route } from '../router'
import { may } from '../state/rights'
import { commandOf } from '../state/shortcuts'
import { allowSound, playSound } from '../state/sound'
import { AdminView } from './admin/page'
import { BookingNavigation, BookingView } from './booking/page'
import { focusHeading, useCommand, useDesk } from './context'
import { Inbox } from './inbox'
import { LanguageChoice } from './language'
import { Icon, Modal } from './parts'
import { ShortcutHelp } from './shortcuts'

const PRESENCES: Presence[] = ['online', 'away', 'offline']

/** Which right opens which page. */
const RIGHT: Record<AdminPage, string> = {
  statistics: 'see_statistics',
  members: 'manage_members',
  teams: 'manage_hours',
  canned: 'manage_canned_replies',
  knowledge: 'edit_knowledge_notes',
  'dead-letters': 'see_dead_letters',
  audit: 'see_audit',
}

/** Everything that stands around the page itself. */
export function Shell(): JSX.Element {
  const desk = useDesk()
  const [help, setHelp] = useState(false)
  const [menu, setMenu] = useState(false)
  const at = route.value

  useKeyboard()
  useRouteFocus()
  useCommand('help', () => setHelp(true))
  useCommand('search', () => {
    if (!may(desk.me, 'search_history')) return
    go({ view: 'search', q: '', id: null })
    setTimeout(() => document.querySelector<HTMLElement>('.search-form input')?.focus())
  })
  useEffect(() => setMenu(false), [at])

  return (
    <>
      <a class="skip" href="#main" onClick={(event) => skipTo(event, 'main')}>
        {t('skip')}
      </a>
      <Announcer />
      <header class="top">
        <p class="brand">{t('desk')}</p>
        <button
          type="button"
          class="menu-button"
          aria-expanded={menu}
          aria-controls="menu"
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" /> {t('menu')}
        </button>
        <PresenceChoice />
      </header>
      <div class="side" id="menu" data-open={menu || undefined}>
        <Navigation />
        <Settings onHelp={() => setHelp(true)} />
      </div>
      <main id="main" tabIndex={-1}>
        <Connection />
        <NoticeBar />
        {at.view === 'list' || at.view === 'search' ? (
          <Inbox at={at} />
        ) : at.view === 'booking' ? (
          <BookingView at={at} />
        ) : (
          <AdminView page={at.view === 'admin' ? at.page : null} />
        )}
      </main>
      {help && (
        <Modal title={t('shortcuts')} onClose={() => setHelp(false)} wide>
          <ShortcutHelp />
        </Modal>
      )}
    </>
  )
}

function skipTo(event: Event, id: string): void {
  event.preventDefault()
  document.getElementById(id)?.focus()
}

function useKeyboard(): void {
  const desk = useDesk()
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const command = commandOf(event, desk.preferences.chosen.value.shortcuts)
      if (command && desk.commands.run(command)) event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [desk])
}

/** A new page begins at its heading, also for those who hear it. */
function useRouteFocus(): void {
  const at = route.value
  const key = at.view === 'admin' || at.view === 'booking' ? at.page : at.view === 'list' ? at.list : at.view
  const first = useRef(true)
  useEffect(() => {
    if (first.current) first.current = false
    else if (!('id' in at) || at.id === null) focusHeading('page')
  }, [key])
}

function Navigation(): JSX.Element {
  const desk = useDesk()
  const at = route.value
  const counts = desk.lists.counts.value
  const pages = ADMIN_PAGES.filter((page) => may(desk.me, RIGHT[page]))
  return (
    <nav aria-label={t('navigation')}>
      {may(desk.me, 'see_conversation') && (
        <>
          <h2>{t('conversations')}</h2>
          <ul>
            {LISTS.map((list) => (
              <li key={list}>
                <a
                  href={href({ view: 'list', list, id: null })}
                  aria-current={at.view === 'list' && at.list === list ? 'page' : undefined}
                  data-testid={`list-${list}`}
                >
                  {coded('list', list)}
                  {(counts[list] ?? 0) > 0 && list !== 'resolved' && (
                    <span class="count">
                      <span aria-hidden="true">{counts[list]}</span>
                      <span class="sr">{count('conversations', counts[list]!)}</span>
                    </span>
                  )}
                </a>
              </li>
            ))}
            {may(desk.me, 'search_history') && (
              <li>
                <a
                  href={href({ view: 'search', q: '', id: null })}
                  aria-current={at.view === 'search' ? 'page' : undefined}
                  data-testid="search"
                >
                  {t('search')}
                </a>
              </li>
            )}
          </ul>
        </>
      )}
      <BookingNavigation />
      {pages.length > 0 && (
        <>
          <h2>{t('administration')}</h2>
          <ul>
            {pages.map((page) => (
              <li key={page}>
                <a
                  href={href({ view: 'admin', page })}
                  aria-current={at.view === 'admin' && at.page === page ? 'page' : undefined}
                  data-testid={`page-${page}`}
                >
                  {coded('page', page)}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  )
}

function PresenceChoice(): JSX.Element | null {
  const desk = useDesk()
  if (!may(desk.me, 'claim')) return null
  const state = desk.session.presence.value
  return (
    <label class="presence" data-state={state}>
      <span>{t('presence')}</span>
      <select
        value={state}
        data-testid="presence"
        onChange={(event) => void desk.setPresence(event.currentTarget.value as Presence)}
      >
        {PRESENCES.map((one) => (
          <option key={one} value={one}>
            {coded('presence', one)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Settings({ onHelp }: { onHelp: () => void }): JSX.Element {
  const desk = useDesk()
  const { sound } = desk.preferences.chosen.value
  const [leaving, setLeaving] = useState(false)
  const unsent = desk.outbox.items.value.length

  const leave = (): void => void desk.attempt(() => desk.signOut())
  return (
    <section class="settings" aria-label={t('settings')}>
      <p class="who">
        {desk.me?.member.name}
        <span class="quiet">{coded('role', desk.me?.member.role ?? '')}</span>
      </p>
      <button
        type="button"
        class="row"
        aria-pressed={sound}
        data-testid="sound"
        onClick={() => {
          allowSound()
          desk.preferences.choose({ sound: !sound })
          if (!sound) playSound()
        }}
      >
        <Icon name={sound ? 'sound' : 'mute'} /> {t('sound')}
      </button>
      <button type="button" class="row" onClick={onHelp} data-testid="help">
        <Icon name="keys" /> {t('shortcuts')}
      </button>
      <LanguageChoice />
      <button type="button" class="row" data-testid="sign-out" onClick={() => (unsent ? setLeaving(true) : leave())}>
        {t('sign_out')}
      </button>
      {leaving && (
        <Modal title={t('sign_out')} onClose={() => setLeaving(false)}>
          <p>{count('sign_out_unsent', unsent)}</p>
          <div class="buttons">
            <button type="button" class="danger" onClick={leave}>
              {t('sign_out_anyway')}
            </button>
            <button type="button" onClick={() => setLeaving(false)}>
              {t('cancel')}
            </button>
          </div>
        </Modal>
      )}
    </section>
  )
}

/** Two regions that are always there: a reader only hears changes in what it knows. */
function Announcer(): JSX.Element {
  const { notices } = useDesk()
  const [polite, urgent] = [notices.polite.value, notices.urgent.value]
  return (
    <>
      <div class="sr" role="status" data-testid="polite">
        <p key={polite.id}>{polite.text}</p>
      </div>
      <div class="sr" role="alert" data-testid="urgent">
        <p key={urgent.id}>{urgent.text}</p>
      </div>
    </>
  )
}

function NoticeBar(): JSX.Element | null {
  const { notices } = useDesk()
  const bar = notices.bar.value
  if (!bar) return null
  return (
    <div class={`notice ${bar.kind}`} data-testid="notice">
      <p>{bar.text}</p>
      <button type="button" class="plain" onClick={() => notices.dismiss()}>
        {t('close')}
      </button>
    </div>
  )
}

function Connection(): JSX.Element | null {
  const desk = useDesk()
  if (desk.connected.value !== false) return null
  return (
    <p class="notice problem" data-testid="offline">
      {t('lost')}
    </p>
  )
}
