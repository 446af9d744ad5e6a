/** The pages themselves: a file of their own, read by whoever opens one of them. */
import type { JSX } from 'preact'
import type { Route } from '../../router'
import { Caseworkers } from './caseworkers'
import { DayPage } from './day'
import { Lengths } from './lengths'
import { OtherDays } from './other-days'
import { Places } from './places'

export function BookingPages({ at }: { at: Extract<Route, { view: 'booking' }> }): JSX.Element {
  switch (at.page) {
    case 'day':
      return <DayPage at={at} />
    case 'places':
      return <Places />
    case 'caseworkers':
      return <Caseworkers />
    case 'lengths':
      return <Lengths />
    case 'days':
      return <OtherDays />
  }
}
