import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Detail, Message } from '../contract'
import { coded, t, words } from '../i18n'
import type { Unsent } from '../state/outbox'
import { CardView } from './card'
import { useDesk } from './context'
import { Speech } from './parts'

/** Pixels from the end within which somebody still reads the end. */
const NEAR = 120

/** Everything that was said, on every channel, in order; then what has not left yet. */
export function Transcript({ detail }: { detail: Detail }): JSX.Element {
  const desk = useDesk()
  const log = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const messages = desk.opened.messages.value
  const { id } = detail.conversation
  const sent = new Set(messages.map((message) => message.id))
  const unsent = desk.outbox.items.value.filter((item) => item.conversation === id && !sent.has(item.clientId))
  const typing = desk.opened.typing.value

  useLayoutEffect(() => {
    if (atEnd.current && log.current) log.current.scrollTop = log.current.scrollHeight
  }, [messages, unsent.length, typing])
  useEffect(() => {
    const box = log.current!
    const look = (): void => void (atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR)
    box.addEventListener('scroll', look, { passive: true })
    return () => box.removeEventListener('scroll', look)
  }, [])

  let day = ''
  return (
    // Can be scrolled, so it can be reached with the keyboard. What is new is read out elsewhere, with measure.
    <div class="log" ref={log} tabIndex={0} role="region" aria-labelledby="log-title" data-testid="log">
      <h3 class="sr" id="log-title">
        {t('transcript')}
      </h3>
      <ol>
        {messages.map((message) => {
          const today = words.value.day(message.created_at)
          const first = today !== day
          day = today
          return (
            <li key={message.seq} class={`message ${message.author}`} data-testid="message" data-seq={message.seq}>
              {first && <p class="day">{today}</p>}
              <Said message={message} citizen={detail.citizen.label} />
            </li>
          )
        })}
        {unsent.map((item) => (
          <li key={item.clientId} class="message staff unsent" data-testid="unsent">
            <NotSent item={item} />
          </li>
        ))}
      </ol>
      {typing && (
        <p class="typing" data-testid="typing">
          {t('citizen_types')}
        </p>
      )}
    </div>
  )
}

function Said({ message, citizen }: { message: Message; citizen: string }): JSX.Element {
  const say = words.value
  const name = message.author === 'citizen' ? citizen : (message.author_name ?? coded('author', message.author))
  const facts = [coded('channel', message.channel), say.languageName(message.language), say.time(message.created_at)]
  return (
    <>
      <p class="byline">
        <strong>{name}</strong> {facts.join(' · ')}
      </p>
      <div class="bubble">
        <Speech class="text" text={shortly(message)} lang={message.language} />
        {message.card && (
          <details class="message-card">
            <summary>{t('card_shown', { title: message.card.title })}</summary>
            <CardView card={message.card} lang={message.language} />
          </details>
        )}
      </div>
      {message.delivery && (
        <p class={`delivery ${BAD.has(message.delivery) ? 'bad' : ''}`} data-testid="delivery">
          {coded('delivery', message.delivery)}
          {message.address_label && ` (${message.address_label})`}
        </p>
      )}
    </>
  )
}

/** With a card its text is the whole of it once more: what it is about is enough, the rest is in the card. */
function shortly({ card, text }: Message): string {
  return card && text.startsWith(card.title) ? card.summary || text.split('\n', 1)[0]! : text
}

const BAD = new Set(['failed', 'rejected', 'stopped'])

function NotSent({ item }: { item: Unsent }): JSX.Element {
  const desk = useDesk()
  return (
    <>
      <p class="byline">
        <strong>{desk.me?.member.name}</strong> {words.value.time(item.at)}
      </p>
      <div class="bubble">
        <p class="text" dir="auto">
          {item.text}
        </p>
        {item.card && <p class="quiet">{t('card_attached', { title: item.card.title })}</p>}
      </div>
      {item.problem === null ? (
        <p class="delivery">{t(desk.connected.value === false ? 'unsent_waiting' : 'unsent_sending')}</p>
      ) : (
        <div class="delivery bad" role="alert">
          <p>{t('unsent_refused', { problem: item.problem })}</p>
          <div class="buttons">
            <button type="button" onClick={() => desk.outbox.retry(item.clientId)}>
              {t('try_again')}
            </button>
            <button type="button" onClick={() => desk.rewrite(item.clientId)}>
              {t('unsent_edit')}
            </button>
            <button type="button" onClick={() => desk.outbox.drop(item.clientId)}>
              {t('unsent_drop')}
            </button>
          </div>
        </div>
      )}
    </>
  )
}
