import type { JSX } from 'preact'
import { STEPS, type Step, type Visit } from '../../booking/contract'
import { clock, errandsOf, languageName, stateText, whoOf } from '../../booking/words'
import { coded, t } from '../../i18n'

interface Props {
  visit: Visit
  onStep: (step: Step) => void
  onOpen: () => void
}

/** One appointment of the day, with what can be done with it now. */
export function VisitLine({ visit, onStep, onOpen }: Props): JSX.Element {
  const who = whoOf(visit)
  const steps = STEPS.filter((step) => visit.can.includes(step))
  const facts = [
    visit.caseworker ? t('visit_with', { name: visit.caseworker.name }) : t('visit_anybody'),
    visit.language && t('visit_language', { language: languageName(visit.language) }),
    visit.kind !== 'in_person' && coded('visit_kind', visit.kind),
    visit.contact?.label,
  ]
  return (
    <li class="visit" data-state={visit.state} data-testid="visit">
      <p class="visit-time">
        <time dateTime={visit.at}>{clock(visit.at, visit.zone)}</time>{' '}
        <span class="quiet">
          <span aria-hidden="true">–</span> {clock(visit.ends_at, visit.zone)}
        </span>
      </p>
      <div class="visit-who">
        <h3 id={`visit-${visit.id}`} tabIndex={-1}>
          {who} <span class="badge">{stateText(visit)}</span>
        </h3>
        <p>{errandsOf(visit)}</p>
        <p class="quiet">{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <div class="buttons">
        {steps.map((step, at) => (
          <button key={step} type="button" class={at === 0 ? 'primary' : ''} onClick={() => onStep(step)} data-testid={step}>
            {coded('step', step)} <span class="sr">{who}</span>
          </button>
        ))}
        <button type="button" class="plain" onClick={onOpen} data-testid="more">
          {t('visit_more')} <span class="sr">{who}</span>
        </button>
      </div>
    </li>
  )
}
