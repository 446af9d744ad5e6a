/** A place's day: who comes, who is here, who is next. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { BookingApi } from '../../booking/api'
import type { Day, Place, Step, Visit } from '../../booking/contract'
import { daysOn } from '../../booking/hours'
import { dateOf, longDate, moment, stateText, whoOf } from '../../booking/words'
import { count, t } from '../../i18n'
import { go, href, type Route } from '../../router'
import { useDesk, useLoaded } from '../context'
import { Choose, PageHead, TextField, Waiting } from '../parts'
import { TicketDialog } from './ticket'
import { VisitDialog } from './visit-dialog'
import { VisitLine } from './visit-line'

type At = Extract<Route, { view: 'booking' }>
const LOOK_EVERY_MS = 15_000
const OVER = new Set(['done', 'no_show', 'cancelled'])
const CALLER = 'desk booking caller'

export function useBooking(): BookingApi {
  const desk = useDesk()
  return useMemo(() => new BookingApi(desk.api.http), [desk])
}

export function DayPage({ at }: { at: At }): JSX.Element {
  const api = useBooking()
  const places = useLoaded(() => api.places())
  const listed = places.data?.items ?? []
  const place = listed.find((one) => one.id === at.place) ?? listed[0]
  const date = at.date || places.data?.today || ''
  return (
    <>
      <PageHead title="booking_page_day" />
      <Waiting of={places} />
      {places.data && !place && <p class="quiet">{t('booking_none_here')}</p>}
      {place && <PlaceDay key={place.id} place={place} places={listed} date={date} today={places.data!.today} />}
    </>
  )
}

interface Props {
  place: Place
  places: Place[]
  date: string
  today: string
}

function PlaceDay({ place, places, date, today }: Props): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const day = useLoaded(() => api.day(place.id, date), date)
  const outside = useLoaded(() => api.outside())
  const [caller, setCaller] = useState(() => sessionStorage.getItem(`${CALLER} ${place.id}`) ?? '')
  const [open, setOpen] = useState<Visit | null>(null)
  const [giving, setGiving] = useState(false)
  const [over, setOver] = useState(false)
  // What is on the screen belongs to this day; the one before would be read as this one.
  const shown = day.data?.date === date ? day.data : null
  const staff = shown?.staff ?? []
  const me = staff.some((one) => one.id === caller) ? caller : ''

  const { reload } = day
  useEffect(() => {
    const look = (): void => void (document.visibilityState === 'visible' && reload())
    const timer = setInterval(look, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [place.id, date])

  const to = (placeId: string, on: string): void => go({ view: 'booking', page: 'day', place: placeId, date: on })
  const choose = (person: string): void => {
    sessionStorage.setItem(`${CALLER} ${place.id}`, person)
    setCaller(person)
  }
  const step = async (visit: Visit, what: Step): Promise<void> => {
    let changed = visit
    const worked = await desk.attempt(async () => (changed = await api.step(visit.id, what, me || null)))
    reload()
    if (!worked) return
    desk.notices.done(t('step_was', { name: whoOf(changed), state: stateText(changed) }))
    // The button that was pressed may be gone; the line stays.
    document.getElementById(`visit-${visit.id}`)?.focus()
  }
  const callNext = async (): Promise<void> => {
    if (!me) return desk.notices.problem(t('call_whom'))
    let called: Visit | null = null
    const worked = await desk.attempt(async () => (called = await api.callNext(place.id, me)))
    reload()
    if (worked) desk.notices.done(called ? t('called_now', { name: whoOf(called) }) : t('nobody_waits'))
  }
  const changed = (): void => {
    setOpen(null)
    reload()
    outside.reload()
  }

  return (
    <>
      <div class="filters">
        <Choose
          label={t('place')}
          value={place.id}
          options={places.map((one) => [one.id, one.active ? one.name : `${one.name} (${t('retired')})`] as const)}
          onChoose={(id) => to(id, date)}
        />
        <TextField label={t('date')} type="date" required value={date} onText={(text) => text && to(place.id, text)} />
        <Choose
          label={t('i_am')}
          value={me}
          options={[['', t('i_am_choose')] as const, ...staff.map((one) => [one.id, one.name] as const)]}
          onChoose={choose}
        />
      </div>
      <div class="buttons">
        <button type="button" onClick={() => to(place.id, daysOn(date, -1))}>
          {t('day_before')}
        </button>
        <button type="button" aria-disabled={date === today} onClick={() => to(place.id, today)}>
          {t('today')}
        </button>
        <button type="button" onClick={() => to(place.id, daysOn(date, 1))}>
          {t('day_after')}
        </button>
        {shown?.today && (
          <>
            <button type="button" class="primary" onClick={() => void callNext()} data-testid="call-next">
              {t('call_next')}
            </button>
            <button type="button" onClick={() => setGiving(true)} data-testid="take-number">
              {t('take_number')}
            </button>
          </>
        )}
      </div>
      <Waiting of={day} />
      {place.example && <p class="banner warn">{t('example_hours')}</p>}
      {outside.data && outside.data.length > 0 && <Outside visits={outside.data} onOpen={setOpen} />}
      {shown && <Visits day={shown} over={over} onOver={setOver} onStep={step} onOpen={setOpen} />}
      <Find onFound={setOpen} />
      {open && <VisitDialog visit={open} places={places} today={today} onClose={() => setOpen(null)} onChanged={changed} />}
      {giving && (
        <TicketDialog
          place={place}
          staff={staff}
          onClose={() => setGiving(false)}
          onGiven={(visit) => {
            setGiving(false)
            desk.notices.done(t('number_given', { n: visit.walk_in ?? 0 }))
            reload()
          }}
        />
      )}
    </>
  )
}

interface VisitsProps {
  day: Day
  over: boolean
  onOver: (over: boolean) => void
  onStep: (visit: Visit, step: Step) => void
  onOpen: (visit: Visit) => void
}

function Visits({ day, over, onOver, onStep, onOpen }: VisitsProps): JSX.Element {
  const shown = over ? day.visits : day.visits.filter((visit) => !OVER.has(visit.state))
  const waiting = day.visits.filter((visit) => visit.state === 'arrived').length
  return (
    <section aria-labelledby="the-day">
      <div class="page-head">
        <h2 id="the-day">{longDate(day.date)}</h2>
        <p class="quiet">
          {count('visits', day.visits.filter((visit) => visit.state !== 'cancelled').length)}
          {waiting > 0 && `, ${count('visits_waiting', waiting)}`}
        </p>
      </div>
      <label class="tick">
        <input type="checkbox" checked={over} onChange={(event) => onOver(event.currentTarget.checked)} />
        {t('show_over')}
      </label>
      {shown.length === 0 && <p class="quiet">{t('visits_none')}</p>}
      <ol class="visits">
        {shown.map((visit) => (
          <VisitLine key={visit.id} visit={visit} onStep={(what) => onStep(visit, what)} onOpen={() => onOpen(visit)} />
        ))}
      </ol>
    </section>
  )
}

function Outside({ visits, onOpen }: { visits: Visit[]; onOpen: (visit: Visit) => void }): JSX.Element {
  return (
    <section class="banner warn" aria-label={t('outside')} data-testid="outside">
      <p>{count('outside', visits.length)}</p>
      <ul>
        {visits.map((visit) => (
          <li key={visit.id}>
            <a href={href({ view: 'booking', page: 'day', place: visit.place.id, date: dateOf(visit.at, visit.zone) })}>
              {moment(visit.at, visit.zone)}
            </a>
            {`, ${visit.place.name} `}
            <button type="button" class="plain" onClick={() => onOpen(visit)}>
              {whoOf(visit)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Find({ onFound }: { onFound: (visit: Visit) => void }): JSX.Element {
  const desk = useDesk()
  const api = useBooking()
  const [reference, setReference] = useState('')
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        void desk.attempt(async () => onFound(await api.find(reference)))
      }}
    >
      <TextField label={t('find_reference')} required maxLength={40} value={reference} onText={setReference} />
      <button aria-disabled={desk.busy.value}>{t('find')}</button>
    </form>
  )
}
