/** Everything about one appointment, and moving or cancelling it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Place, Visit } from '../../booking/contract'
import { dateOf, errandsOf, moment, stateText, toldOf, whoOf } from '../../booking/words'
import { coded, t } from '../../i18n'
import { href } from '../../router'
import { may } from '../../state/rights'
import { useDesk, useLoaded } from '../context'
import { Choose, Modal, TextField, Waiting } from '../parts'
import { useBooking } from './day'

interface Props {
  visit: Visit
  places: Place[]
  today: string
  onClose: () => void
  onChanged: () => void
}

export function VisitDialog(props: Props): JSX.Element {
  const [doing, setDoing] = useState<'look' | 'move' | 'cancel'>('look')
  const { visit, onClose } = props
  const title = { look: whoOf(visit), move: t('move_title'), cancel: t('cancel_visit') }[doing]
  return (
    <Modal title={title} onClose={onClose}>
      {doing === 'look' && <Look {...props} onMove={() => setDoing('move')} onCancel={() => setDoing('cancel')} />}
      {doing === 'move' && <Move {...props} onBack={() => setDoing('look')} />}
      {doing === 'cancel' && <Cancel {...props} onBack={() => setDoing('look')} />}
    </Modal>
  )
}

function When({ visit }: { visit: Visit }): JSX.Element {
  return (
    <p>
      <strong>{moment(visit.at, visit.zone)}</strong>, {visit.place.name}
      <br />
      {errandsOf(visit)}
    </p>
  )
}

function Look({ visit, onMove, onCancel }: Props & { onMove: () => void; onCancel: () => void }): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const history = useLoaded(() => api.history(visit.id))
  return (
    <>
      <When visit={visit} />
      <dl class="facts">
        <div>
          <dt>{t('visit_standing')}</dt>
          <dd>{stateText(visit)}</dd>
        </div>
        <div>
          <dt>{t('visit_reference')}</dt>
          <dd>{visit.reference}</dd>
        </div>
        {visit.contact && (
          <div>
            <dt>{t('visit_contact')}</dt>
            <dd>
              {coded('channel', visit.contact.channel)} {visit.contact.label}
            </dd>
          </div>
        )}
      </dl>
      <Waiting of={history} />
      {history.data && (
        <>
          <h3>{t('visit_summary')}</h3>
          {history.data.summary === null ? (
            <p class="quiet">{t('visit_summary_none')}</p>
          ) : (
            <p class="text" dir="auto" data-testid="visit-summary">
              {history.data.summary}
            </p>
          )}
          <h3>{t('visit_trail')}</h3>
          <ol class="trail">
            {history.data.trail.map((one, at) => (
              <li key={at}>
                <span class="quiet">{moment(one.at, visit.zone)}</span> {coded('happened', one.kind)}{' '}
                <span class="quiet">({coded('actor', one.actor)})</span>
              </li>
            ))}
          </ol>
        </>
      )}
      {visit.conversation && may(desk.me, 'see_conversation') && (
        <p>
          <a href={href({ view: 'list', list: 'resolved', id: visit.conversation })}>{t('visit_open_conversation')}</a>
        </p>
      )}
      <div class="buttons">
        {visit.can.includes('move') && (
          <button type="button" onClick={onMove} data-testid="move">
            {t('move')}
          </button>
        )}
        {visit.can.includes('cancel') && (
          <button type="button" onClick={onCancel} data-testid="cancel-visit">
            {t('cancel_visit')}
          </button>
        )}
      </div>
    </>
  )
}

function Move({ visit, places, today, onChanged, onBack }: Props & { onBack: () => void }): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const [place, setPlace] = useState(visit.place.id)
  const [since, setSince] = useState(() => {
    const day = dateOf(visit.at, visit.zone)
    return day > today ? day : today
  })
  const [at, setAt] = useState('')
  const times = useLoaded(() => api.times(visit.id, place, since), `${place} ${since}`)
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null
  const options = places.filter((one) => one.active || one.id === visit.place.id)

  const move = async (): Promise<void> => {
    if (!at) return desk.notices.problem(t('move_choose'))
    if (await desk.attempt(() => api.move(visit.id, place, at), t('moved'))) onChanged()
    else times.reload()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void move()
      }}
    >
      {problem && <p class="problem-box">{problem}</p>}
      <When visit={visit} />
      <p>{toldOf(visit)}</p>
      <Choose
        label={t('place')}
        value={place}
        options={options.map((one) => [one.id, one.name] as const)}
        onChoose={(id) => {
          setPlace(id)
          setAt('')
        }}
      />
      <TextField
        label={t('move_since')}
        type="date"
        min={today}
        required
        value={since}
        onText={(text) => {
          if (!text) return
          setSince(text)
          setAt('')
        }}
      />
      <fieldset class="times">
        <legend>{t('move_times')}</legend>
        <Waiting of={times} />
        {times.problem === null && times.data?.length === 0 && <p class="quiet">{t('move_none')}</p>}
        {times.problem === null &&
          times.data?.map((time) => (
            <label class="tick" key={time.at}>
              <input type="radio" name="time" value={time.at} checked={at === time.at} onChange={() => setAt(time.at)} />
              {moment(time.at, visit.zone)}
            </label>
          ))}
      </fieldset>
      <div class="buttons">
        <button class="primary" aria-disabled={desk.busy.value} data-testid="confirm">
          {t('move')}
        </button>
        <button type="button" onClick={onBack}>
          {t('cancel_keep')}
        </button>
      </div>
    </form>
  )
}

function Cancel({ visit, onChanged, onBack }: Props & { onBack: () => void }): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const problem = desk.notices.bar.value?.kind === 'problem' ? desk.notices.bar.value.text : null
  const cancel = async (): Promise<void> => {
    if (await desk.attempt(() => api.cancel(visit.id), t('cancelled'))) onChanged()
  }
  return (
    <>
      {problem && <p class="problem-box">{problem}</p>}
      <When visit={visit} />
      <p>{t('cancel_sure')}</p>
      {visit.state === 'booked' && <p>{toldOf(visit)}</p>}
      <div class="buttons">
        <button type="button" class="danger" onClick={() => void cancel()} data-testid="confirm">
          {t('cancel_visit')}
        </button>
        <button type="button" onClick={onBack}>
          {t('cancel_keep')}
        </button>
      </div>
    </>
  )
}
