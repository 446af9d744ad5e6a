import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Detail } from '../contract'
import { coded, t, words } from '../i18n'
import { href, type Route, withConversation } from '../router'
import { possible } from '../state/rights'
import { Aside } from './aside'
import { Composer } from './composer'
import { keepFocus, useCommand, useDesk } from './context'
import { ConfirmSpam, DeclineDialog, ResolveDialog, SnoozeDialog, TransferDialog } from './dialogs'
import { Icon } from './parts'
import { SummaryView } from './summary'
import { Transcript } from './transcript'

type Open = 'transfer' | 'snooze' | 'resolve' | 'spam' | 'decline' | null

/** One conversation: what it is about, what was said, and what can be done. */
export function ConversationView({ id, at }: { id: string; at: Route }): JSX.Element {
  const desk = useDesk()
  const { detail, status } = desk.opened
  const shown = detail.value?.conversation.id === id ? detail.value : null
  return (
    <section class="conversation" aria-labelledby="conversation-title" data-testid="conversation">
      <p class="back">
        <a href={href(withConversation(at, null))}>
          <Icon name="back" /> {t('back_to_list')}
        </a>
      </p>
      {shown ? (
        <Shown detail={shown} />
      ) : (
        <>
          <h2 id="conversation-title" tabIndex={-1}>
            {t(status.value === 'loading' ? 'loading' : 'conversation')}
          </h2>
          {status.value === 'missing' && <p class="banner warn">{t('conversation_missing')}</p>}
          {status.value === 'forbidden' && <p class="banner warn">{t('conversation_forbidden')}</p>}
          {status.value === 'failed' && (
            <div class="problem-box" role="alert">
              <p>{t('problem_network')}</p>
              <button type="button" onClick={() => void desk.opened.reload()}>
                {t('try_again')}
              </button>
            </div>
          )}
        </>
      )}
    </section>
  )
}

function Shown({ detail }: { detail: Detail }): JSX.Element {
  const desk = useDesk()
  const [dialog, setDialog] = useState<Open>(null)
  const { conversation, citizen } = detail
  const { id } = conversation
  const can = possible(desk.me, conversation)
  const answered = desk.opened.messages.value.some(({ author }) => author === 'staff')
  const close = (): void => setDialog(null)
  const claim = (): void => void desk.claim(id).then(keepFocus)
  useSeen()
  // The heading that had the focus while it was loading is another one.
  useEffect(keepFocus, [])

  useCommand('claim', can.claim ? claim : null)
  useCommand('transfer', can.transfer ? () => setDialog('transfer') : null)
  useCommand('snooze', can.snooze ? () => setDialog('snooze') : null)
  useCommand('resolve', can.resolve ? () => setDialog('resolve') : null)

  return (
    <>
      <div class="conversation-head">
        <h2 id="conversation-title" tabIndex={-1}>
          {conversation.service?.title ?? t('no_service')}
          <span class="quiet"> {citizen.label}</span>
        </h2>
        <p class="state" data-testid="state">
          {stateText(detail, desk.me?.member.id)}
        </p>
        <p class="jump">
          <a
            href="#aside"
            onClick={(event) => {
              event.preventDefault()
              event.stopPropagation()
              const tab = document.querySelector<HTMLElement>('#aside [role=tab][aria-selected=true]')
              tab?.focus()
              tab?.scrollIntoView()
            }}
          >
            {t('to_aside')}
          </a>
        </p>
        <div class="actions" role="group" aria-label={t('actions')}>
          {can.claim && (
            <button type="button" class="primary" data-testid="claim" aria-disabled={desk.busy.value} onClick={claim}>
              {t('claim')}
            </button>
          )}
          {can.resolve && (
            <button type="button" data-testid="resolve" onClick={() => setDialog('resolve')}>
              {t('resolve')}
            </button>
          )}
          {can.transfer && (
            <button type="button" data-testid="transfer" onClick={() => setDialog('transfer')}>
              {t('transfer')}
            </button>
          )}
          {can.snooze && (
            <button type="button" data-testid="snooze" onClick={() => setDialog('snooze')}>
              {t('snooze')}
            </button>
          )}
          {can.return && (
            <button type="button" data-testid="return" onClick={() => void desk.act(id, 'return', t('done_returned')).then(keepFocus)}>
              {t('return')}
            </button>
          )}
          {can.reopen && (
            <button type="button" data-testid="reopen" onClick={() => void desk.act(id, 'reopen', t('done_reopened')).then(keepFocus)}>
              {t('reopen')}
            </button>
          )}
          {can.spam && (
            <button type="button" data-testid="spam" onClick={() => setDialog('spam')}>
              {t('spam')}
            </button>
          )}
        </div>
      </div>
      <Offer detail={detail} onDecline={() => setDialog('decline')} />
      <div class="talk">
        {/* Once somebody has answered, what is being said now needs the room. */}
        <SummaryView summary={detail.summary} reason={conversation.reason} open={!answered || Boolean(detail.summary.danger)} />
        <Transcript detail={detail} />
        {can.write ? (
          <Composer detail={detail} />
        ) : (
          <p class="no-composer quiet">{t(can.claim ? 'claim_to_reply' : 'cannot_reply')}</p>
        )}
      </div>
      <Aside detail={detail} canNote={can.note} canWrite={can.write} />
      {dialog === 'transfer' && <TransferDialog id={id} onClose={close} />}
      {dialog === 'snooze' && <SnoozeDialog id={id} onClose={close} />}
      {dialog === 'resolve' && <ResolveDialog id={id} onClose={close} />}
      {dialog === 'spam' && <ConfirmSpam id={id} onClose={close} />}
      {dialog === 'decline' && <DeclineDialog id={id} onClose={close} />}
    </>
  )
}

function Offer({ detail, onDecline }: { detail: Detail; onDecline: () => void }): JSX.Element | null {
  const desk = useDesk()
  const { conversation } = detail
  const { id, transfer } = conversation
  const can = possible(desk.me, conversation)
  if (!transfer || !(can.answerTransfer || can.withdrawTransfer)) return null
  return (
    <div class="banner" data-testid="offer">
      <p>
        {can.answerTransfer ? t('offer_to_you', { name: transfer.from.name }) : t('offer_from_you', { name: transfer.to.name })}
        {transfer.note && <q dir="auto">{transfer.note}</q>}
      </p>
      <div class="buttons">
        {can.answerTransfer ? (
          <>
            <button
              type="button"
              class="primary"
              data-testid="accept"
              onClick={() => void desk.act(id, 'transfer/accept', t('done_accepted')).then(keepFocus)}
            >
              {t('accept')}
            </button>
            <button type="button" onClick={onDecline} data-testid="decline">
              {t('decline')}
            </button>
          </>
        ) : (
          <button type="button" onClick={() => void desk.act(id, 'withdraw-transfer', t('done_withdrawn')).then(keepFocus)}>
            {t('withdraw')}
          </button>
        )}
      </div>
    </div>
  )
}

/** In words: who has it, and who is to speak next. */
function stateText({ conversation }: Detail, me: string | undefined): string {
  const { state, assignee, snoozed_until: until, outcome } = conversation
  if (outcome !== null) return t('state_ended', { outcome: coded('outcome', outcome) })
  if (until) return t('snoozed_until', { time: words.value.moment(until) })
  if (assignee && assignee.id !== me) return t('state_colleague', { name: assignee.name })
  return coded('state', state)
}

/** Tells the server what has been read, only while somebody can be looking. */
function useSeen(): void {
  const desk = useDesk()
  const seq = desk.opened.heardSeq.value
  const assignee = desk.opened.detail.value?.conversation.assignee?.id
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') desk.seen()
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [desk, seq, assignee])
}
