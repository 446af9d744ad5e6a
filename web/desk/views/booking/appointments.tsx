import type { JSX } from 'preact'
import { dateOf, moment } from '../../booking/words'
import type { Appointment } from '../../contract'
import { coded, t } from '../../i18n'
import { href } from '../../router'
import { may } from '../../state/rights'
import { useDesk } from '../context'

/** What the citizen has booked, beside a conversation. */
export function Appointments({ of }: { of: Appointment[] }): JSX.Element {
  const desk = useDesk()
  const works = may(desk.me, 'manage_booking')
  return (
    <>
      <h3>{t('appointments')}</h3>
      {of.length === 0 && <p class="quiet">{t('appointments_none')}</p>}
      <ul>
        {of.map((one) => {
          const when = moment(one.at, one.zone)
          const date = dateOf(one.at, one.zone)
          return (
            <li key={one.id} data-testid="appointment">
              {works ? <a href={href({ view: 'booking', page: 'day', place: one.place.id, date })}>{when}</a> : when}
              {`: ${one.title}, ${one.place.name} `}
              <span class="quiet">
                {coded('visit_state', one.state)}, {one.reference}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
