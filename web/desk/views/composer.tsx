import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Detail } from '../contract'
import { coded, t, words } from '../i18n'
import { CannedPicker } from './canned'
import { useCommand, useDesk } from './context'
import { Modal } from './parts'

const MOST = 4000

/** The answer to the citizen. What is begun stays, whatever happens to the page. */
export function Composer({ detail }: { detail: Detail }): JSX.Element {
  const desk = useDesk()
  const { id } = detail.conversation
  const draft = desk.drafts.all.value[id] ?? desk.drafts.of(id)
  const field = useRef<HTMLTextAreaElement>(null)
  const [canned, setCanned] = useState(false)
  const left = MOST - draft.text.length

  useCommand('reply', () => field.current?.focus())
  useCommand('canned', () => setCanned(true))

  const send = (): void => {
    if (left < 0) return desk.notices.problem(t('too_long', { n: MOST }))
    if (!desk.say(id)) desk.notices.problem(t('nothing_to_send'))
    field.current?.focus()
  }

  const insert = (text: string): void => {
    setCanned(false)
    const before = desk.drafts.of(id).text
    desk.drafts.set(id, { text: before.trim() ? `${before.trimEnd()}\n\n${text}` : text })
    // After the dialog has given the focus back.
    setTimeout(() => field.current?.focus())
  }

  return (
    <form
      class="composer"
      data-testid="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label for="reply">
        {t('reply_to', { language: words.value.languageName(detail.citizen.language), channel: coded('channel', detail.citizen.channel) })}
      </label>
      <textarea
        id="reply"
        ref={field}
        dir="auto"
        rows={3}
        aria-describedby={left < 200 ? 'reply-hint reply-left' : 'reply-hint'}
        value={draft.text}
        data-testid="reply"
        onInput={(event) => {
          desk.drafts.set(id, { text: event.currentTarget.value })
          desk.wrote(id)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
            event.preventDefault()
            send()
          } else if (event.key === 'Escape') {
            // Out of the field, so that the single keys mean commands again.
            document.getElementById('conversation-title')?.focus({ preventScroll: true })
          }
        }}
      />
      {draft.card && (
        <p class="attached" data-testid="attached">
          {t('card_attached', { title: draft.card.title })}{' '}
          <button type="button" class="plain" onClick={() => desk.drafts.set(id, { card: null })}>
            {t('card_remove')}
          </button>
        </p>
      )}
      <div class="composer-foot">
        <p class="hint" id="reply-hint">
          {t('reply_hint')}
        </p>
        {left < 200 && (
          <p class={left < 0 ? 'problem' : 'hint'} id="reply-left">
            {t('left', { n: left })}
          </p>
        )}
        <button type="button" onClick={() => setCanned(true)} data-testid="canned">
          {t('canned')}
        </button>
        <button class="primary" data-testid="send">
          {t('send')}
        </button>
      </div>
      {canned && (
        <Modal title={t('canned')} onClose={() => setCanned(false)}>
          <CannedPicker conversation={detail.conversation} onText={insert} />
        </Modal>
      )}
    </form>
  )
}
