import type { ComponentChildren, JSX } from 'preact'
import type { Summary } from '../contract'
import { coded, direction, t, words } from '../i18n'

/** What a colleague would say before handing over. */
export function SummaryView(props: { summary: Summary; reason: string; open: boolean }): JSX.Element {
  const { summary, reason } = props
  const say = words.value
  const quotes = (items: string[]): JSX.Element => (
    <ul>
      {items.map((text, at) => (
        <li key={at} lang={summary.language} dir={direction(summary.language)}>
          {text}
        </li>
      ))}
    </ul>
  )
  const slots = Object.entries(summary.slots)
  return (
    <details class="summary" open={props.open} data-testid="summary">
      <summary>
        <h3>{t('summary')}</h3>
      </summary>
      {summary.danger && <p class="banner danger">{t('summary_danger')}</p>}
      <div class="summary-room" tabIndex={0} role="group" aria-label={t('summary')}>
        <dl>
          <Row term={t('summary_reason')}>{coded('reason', reason)}</Row>
          {summary.service && <Row term={t('summary_service')}>{summary.service.title}</Row>}
          {summary.asked.length > 0 && <Row term={t('summary_asked')}>{quotes(summary.asked)}</Row>}
          {slots.map(([name, value]) => (
            <Row key={name} term={coded('slot', name)}>
              {value}
            </Row>
          ))}
          {summary.failed.length > 0 && <Row term={t('summary_failed')}>{quotes(summary.failed)}</Row>}
          <Row term={t('summary_language')}>
            {say.languageName(summary.language)}, {coded('channel', summary.channel)}
          </Row>
          <Row term={t('summary_waited')}>{say.duration(summary.waiting_seconds)}</Row>
        </dl>
      </div>
    </details>
  )
}

function Row({ term, children }: { term: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
