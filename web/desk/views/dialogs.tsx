/** What asks before it acts. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Outcome } from '../contract'
import { coded, t, words } from '../i18n'
import { useDesk, useLoaded } from './context'
import { Choose, Modal, TextArea, TextField } from './parts'

interface Props {
  id: string
  onClose: () => void
}

function Buttons({ act, onClose, danger }: { act: string; onClose: () => void; danger?: boolean }): JSX.Element {
  const { busy } = useDesk()
  return (
    <div class="buttons">
      <button class={danger ? 'danger' : 'primary'} aria-disabled={busy.value} data-testid="confirm">
        {act}
      </button>
      <button type="button" onClick={onClose}>
        {t('cancel')}
      </button>
    </div>
  )
}

/** Closes when it has worked; otherwise what was written stays to be tried again. */
function submitting(work: () => Promise<boolean>, onClose: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault()
    void work().then((worked) => worked && onClose())
  }
}

function Problem(): JSX.Element | null {
  const bar = useDesk().notices.bar.value
  return bar?.kind === 'problem' ? <p class="problem-box">{bar.text}</p> : null
}

const OUTCOMES: Outcome[] = ['solved', 'referred', 'no_answer']

export function ResolveDialog({ id, onClose }: Props): JSX.Element {
  const desk = useDesk()
  const [outcome, setOutcome] = useState<Outcome>('solved')
  const [note, setNote] = useState('')
  return (
    <Modal title={t('resolve')} onClose={onClose}>
      <form onSubmit={submitting(() => desk.resolve(id, outcome, note.trim()), onClose)}>
        <Problem />
        <p>{t('resolve_text')}</p>
        <fieldset>
          <legend>{t('resolve_outcome')}</legend>
          {OUTCOMES.map((one) => (
            <label class="tick" key={one}>
              <input type="radio" name="outcome" value={one} checked={outcome === one} onChange={() => setOutcome(one)} />
              {coded('outcome', one)}
            </label>
          ))}
        </fieldset>
        <TextArea label={t('note_optional')} hint={t('note_hint')} value={note} onText={setNote} />
        <Buttons act={t('resolve')} onClose={onClose} />
      </form>
    </Modal>
  )
}

export function TransferDialog({ id, onClose }: Props): JSX.Element {
  const desk = useDesk()
  const colleagues = useLoaded(() => desk.api.colleagues().catch(() => []))
  const [to, setTo] = useState('')
  const [note, setNote] = useState('')
  const others = (colleagues.data ?? []).filter((one) => one.id !== desk.me?.member.id)
  const options: [string, string][] = [
    ['', t('transfer_choose')],
    ...desk.teams.value.map((team): [string, string] => [`team:${team.id}`, t('transfer_team', { name: team.name })]),
    ...others.map((one): [string, string] => [`member:${one.id}`, `${one.name} – ${coded('presence', one.presence)}`]),
  ]
  const [kind, ...rest] = to.split(':')
  const target = rest.join(':')
  const send = async (): Promise<boolean> => {
    if (!target) {
      desk.notices.problem(t('transfer_choose'))
      return false
    }
    return desk.transfer(id, kind === 'team' ? { team: target } : { member: target }, note.trim())
  }
  return (
    <Modal title={t('transfer')} onClose={onClose}>
      <form onSubmit={submitting(send, onClose)}>
        <Problem />
        <p>{t('transfer_text')}</p>
        <Choose label={t('transfer_to')} value={to} options={options} onChoose={setTo} />
        <TextArea label={t('note_optional')} hint={t('note_hint')} value={note} onText={setNote} />
        <Buttons act={t('transfer')} onClose={onClose} />
      </form>
    </Modal>
  )
}

const MORNING = 9

/** In an hour, tomorrow morning, on Monday morning: by the clock on the wall here. */
export function laterTimes(now: Date): Date[] {
  const hour = new Date(now.getTime() + 3_600_000)
  const morning = (days: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING)
  const toMonday = ((8 - now.getDay()) % 7 || 7)
  return toMonday === 1 ? [hour, morning(1)] : [hour, morning(1), morning(toMonday)]
}

/** As `<input type=datetime-local>` writes it. */
export function localInput(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

export function SnoozeDialog({ id, onClose }: Props): JSX.Element {
  const desk = useDesk()
  const [options] = useState(() => laterTimes(new Date()))
  const [until, setUntil] = useState(() => localInput(options[0]!))
  const send = async (): Promise<boolean> => {
    const date = new Date(until)
    if (Number.isNaN(date.getTime()) || date.getTime() <= Date.now()) {
      desk.notices.problem(t('snooze_past'))
      return false
    }
    return desk.snooze(id, date)
  }
  return (
    <Modal title={t('snooze')} onClose={onClose}>
      <form onSubmit={submitting(send, onClose)}>
        <Problem />
        <p>{t('snooze_text')}</p>
        <div class="buttons">
          {options.map((date) => (
            <button type="button" key={date.getTime()} onClick={() => setUntil(localInput(date))}>
              {words.value.moment(date.toISOString())}
            </button>
          ))}
        </div>
        <TextField label={t('snooze_until')} type="datetime-local" required value={until} onText={setUntil} />
        <Buttons act={t('snooze')} onClose={onClose} />
      </form>
    </Modal>
  )
}

export function DeclineDialog({ id, onClose }: Props): JSX.Element {
  const desk = useDesk()
  const [note, setNote] = useState('')
  return (
    <Modal title={t('decline')} onClose={onClose}>
      <form onSubmit={submitting(() => desk.decline(id, note.trim()), onClose)}>
        <Problem />
        <TextArea label={t('note_optional')} hint={t('note_hint')} value={note} onText={setNote} />
        <Buttons act={t('decline')} onClose={onClose} />
      </form>
    </Modal>
  )
}

export function ConfirmSpam({ id, onClose }: Props): JSX.Element {
  const desk = useDesk()
  return (
    <Modal title={t('spam')} onClose={onClose}>
      <form onSubmit={submitting(() => desk.act(id, 'spam', t('done_spam')), onClose)}>
        <Problem />
        <p>{t('spam_text')}</p>
        <Buttons act={t('spam')} onClose={onClose} danger />
      </form>
    </Modal>
  )
}
