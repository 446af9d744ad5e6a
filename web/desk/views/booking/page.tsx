import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { coded, t } from '../../i18n'
import { ApiError } from '../../http'
import { BOOKING_PAGES, type BookingPage, href, type Route, route } from '../../router'
import { may } from '../../state/rights'
import { focusHeading, useDesk, useLoaded } from '../context'
import { Waiting } from '../parts'

/** Which right opens which page. */
const rightOf = (page: BookingPage): string => (page === 'day' ? 'manage_booking' : 'manage_supply')

async function pages(): Promise<typeof import('./pages')> {
  try {
    return await import('./pages')
  } catch {
    throw new ApiError(0, 'network')
  }
}

export function BookingView({ at }: { at: Extract<Route, { view: 'booking' }> }): JSX.Element {
  const read = useLoaded(pages)
  const Pages = read.data?.BookingPages
  useEffect(() => {
    document.title = `${coded('booking_page', at.page)} – ${t('desk')}`
  })
  // The heading that the focus should have gone to was not there yet.
  useEffect(() => {
    if (Pages) focusHeading('page')
  }, [Pages])
  return <div class="page">{Pages ? <Pages key={at.page} at={at} /> : <Waiting of={read} />}</div>
}

export function BookingNavigation(): JSX.Element | null {
  const desk = useDesk()
  const at = route.value
  const shown = BOOKING_PAGES.filter((page) => may(desk.me, rightOf(page)))
  if (shown.length === 0) return null
  return (
    <>
      <h2>{t('booking')}</h2>
      <ul>
        {shown.map((page) => (
          <li key={page}>
            <a
              href={href({ view: 'booking', page, place: '', date: '' })}
              aria-current={at.view === 'booking' && at.page === page ? 'page' : undefined}
              data-testid={`booking-${page}`}
            >
              {coded('booking_page', page)}
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
