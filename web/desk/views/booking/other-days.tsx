/** Days that differ from the week: closed, open, away; every year's; public holidays. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OtherDay, Setup } from '../../booking/contract'
import { longDate } from '../../booking/words'
import { t, words } from '../../i18n'
import { useLoaded } from '../context'
import { Choose, PageHead, TextField, Waiting } from '../parts'
import { useBooking } from './day'
import { Marks, SaveDialog, Tick, useSaving } from './saving'

/** A leap year: 29 February is a date, too. */
const ANY_YEAR = 2028

export function OtherDays(): JSX.Element {
  const api = useBooking()
  const setup = useLoaded(() => api.setup())
  const [adding, setAdding] = useState<'day' | 'closure' | null>(null)
  const saved = (): void => {
    setAdding(null)
    setup.reload()
  }
  const saving = useSaving(saved)
  const { data } = setup
  const close = (): void => setAdding(null)
  return (
    <>
      <PageHead title="booking_page_days" />
      <Waiting of={setup} />
      {data && (
        <>
          <section class="list-of-days">
            <div class="page-head">
              <h2>{t('other_days')}</h2>
              <button type="button" class="primary" onClick={() => setAdding('day')} data-testid="add-day">
                {t('other_day_add')}
              </button>
            </div>
            {data.exceptions.length === 0 && <p class="quiet">{t('other_days_none')}</p>}
            <ul>
              {data.exceptions.map((day) => (
                <li key={day.number} data-testid="other-day">
                  <span>
                    <strong>{longDate(day.date)}</strong>: {t(day.open ? 'other_day_is_open' : 'other_day_is_closed')},{' '}
                    {day.starts ? `${day.starts}-${day.ends}` : t('other_day_whole')}, {whomOf(day, data)}
                    {day.reason && <span class="quiet"> ({day.reason})</span>}
                  </span>
                  <button type="button" onClick={() => saving(() => api.dropException(day.number))}>
                    {t('remove')} <span class="sr">{longDate(day.date)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
          <section class="list-of-days">
            <div class="page-head">
              <h2>{t('closures_yearly')}</h2>
              <button type="button" onClick={() => setAdding('closure')} data-testid="add-closure">
                {t('closure_add')}
              </button>
            </div>
            {data.closures.some((one) => one.example) && <p class="banner warn">{t('closures_example')}</p>}
            <ul>
              {data.closures.map((one) => (
                <li key={`${one.month}-${one.day}`} data-testid="closure">
                  <span>
                    <strong>{yearless(one.month, one.day)}</strong>: {one.name} <Marks example={one.example} active />
                  </span>
                  <span class="buttons">
                    {one.example && (
                      <button type="button" onClick={() => saving(() => api.saveClosure({ ...one, example: false }))}>
                        {t('closure_confirm')} <span class="sr">{one.name}</span>
                      </button>
                    )}
                    <button type="button" onClick={() => saving(() => api.dropClosure(one.month, one.day))}>
                      {t('remove')} <span class="sr">{one.name}</span>
                    </button>
                  </span>
                </li>
              ))}
            </ul>
          </section>
          <section class="list-of-days">
            <h2>{t('public_holidays')}</h2>
            <p class="quiet">{t('public_holidays_text')}</p>
            <ul>
              {data.holidays.map((day) => (
                <li key={day.date}>
                  {longDate(day.date)}: {day.name}
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
      {adding === 'day' && data && <DayDialog setup={data} onClose={close} onSaved={saved} />}
      {adding === 'closure' && <ClosureDialog onClose={close} onSaved={saved} />}
    </>
  )
}

function yearless(month: number, day: number): string {
  const date = new Date(Date.UTC(ANY_YEAR, month - 1, day, 12))
  return new Intl.DateTimeFormat(`${words.value.language}-DK`, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(date)
}

function whomOf(day: OtherDay, { places, caseworkers }: Setup): string {
  const place = places.find((one) => one.id === day.place)?.name
  const person = caseworkers.find((one) => one.id === day.caseworker)?.name
  return [person, place].filter(Boolean).join(', ') || t('other_day_all')
}

interface DialogProps {
  onClose: () => void
  onSaved: () => void
}

function DayDialog({ setup, onClose, onSaved }: DialogProps & { setup: Setup }): JSX.Element {
  const api = useBooking()
  const [day, setDay] = useState<OtherDay>({
    date: '',
    open: false,
    place: null,
    caseworker: null,
    starts: null,
    ends: null,
    reason: '',
  })
  const set = (change: Partial<OtherDay>): void => setDay((before) => ({ ...before, ...change }))
  const people = setup.caseworkers.filter((one) => one.active)
  const places = setup.places.filter((one) => one.active)
  return (
    <SaveDialog title={t('other_day_add')} save={() => api.addException(day)} onClose={onClose} onSaved={onSaved}>
      <TextField label={t('date')} type="date" required value={day.date} onText={(date) => set({ date })} />
      <Choose
        label={t('other_day_open')}
        value={day.open ? 'open' : 'closed'}
        options={[
          ['closed', t('other_day_is_closed')],
          ['open', t('other_day_is_open')],
        ]}
        onChoose={(which) => set({ open: which === 'open' })}
      />
      <Choose
        label={t('place')}
        value={day.place ?? ''}
        options={[['', t('other_day_everywhere')] as const, ...places.map((one) => [one.id, one.name] as const)]}
        onChoose={(place) => set({ place: place || null })}
      />
      <Choose
        label={t('other_day_whom')}
        value={day.caseworker ?? ''}
        options={[['', t('other_day_everybody')] as const, ...people.map((one) => [one.id, one.name] as const)]}
        onChoose={(caseworker) => set({ caseworker: caseworker || null })}
      />
      <div class="pair">
        <TextField label={t('other_day_from')} type="time" value={day.starts ?? ''} onText={(text) => set({ starts: text || null })} />
        <TextField label={t('other_day_until')} type="time" value={day.ends ?? ''} onText={(text) => set({ ends: text || null })} />
      </div>
      <TextField label={t('other_day_reason')} maxLength={120} value={day.reason} onText={(reason) => set({ reason })} />
    </SaveDialog>
  )
}

function ClosureDialog({ onClose, onSaved }: DialogProps): JSX.Element {
  const api = useBooking()
  const [date, setDate] = useState('')
  const [name, setName] = useState('')
  const [example, setExample] = useState(false)
  const save = () => {
    const [, month, day] = date.split('-').map(Number) as [number, number, number]
    return api.saveClosure({ month, day, name, example })
  }
  return (
    <SaveDialog title={t('closure_add')} save={save} onClose={onClose} onSaved={onSaved}>
      <TextField label={t('closure_date')} type="date" required value={date} onText={setDate} />
      <TextField label={t('name')} required maxLength={120} value={name} onText={setName} />
      <Tick label={t('place_example')} checked={example} onTick={setExample} />
    </SaveDialog>
  )
}
