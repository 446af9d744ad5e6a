/** Weekly hours with breaks, for one or several periods. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Changed, Rule } from '../../booking/contract'
import { emptyPlan, type Plan, plansOf, rulesOf, SPANS } from '../../booking/hours'
import { coded, t } from '../../i18n'
import { DAYS } from '../admin/teams'
import { TextField } from '../parts'
import { SaveDialog } from './saving'

interface Props {
  title: string
  rules: Rule[]
  save: (rules: Rule[]) => Promise<Changed>
  onClose: () => void
  onSaved: () => void
}

export function HoursDialog({ title, rules, save, onClose, onSaved }: Props): JSX.Element {
  const [plans, setPlans] = useState(() => plansOf(rules))
  const change = (at: number, plan: Plan | null): void =>
    setPlans((before) => before.flatMap((one, n) => (n === at ? (plan ? [plan] : []) : [one])))
  return (
    <SaveDialog title={title} save={() => save(rulesOf(plans))} onClose={onClose} onSaved={onSaved} wide>
      {plans.map((plan, at) => (
        <PlanFields
          key={at}
          plan={plan}
          title={plans.length > 1 ? t('plan_n', { n: at + 1 }) : ''}
          onPlan={(changed) => change(at, changed)}
          onRemove={plans.length > 1 ? () => change(at, null) : null}
        />
      ))}
      <button type="button" onClick={() => setPlans((before) => [...before, emptyPlan()])}>
        {t('plan_add')}
      </button>
    </SaveDialog>
  )
}

interface FieldsProps {
  plan: Plan
  title: string
  onPlan: (plan: Plan) => void
  onRemove: (() => void) | null
}

function PlanFields({ plan, title, onPlan, onRemove }: FieldsProps): JSX.Element {
  const lines = (which: 'hours' | 'breaks', hint: string): JSX.Element[] =>
    DAYS.map((day, weekday) => (
      <TextField
        key={day}
        label={coded('day', day)}
        pattern={SPANS}
        title={hint}
        value={plan[which][weekday] ?? ''}
        onText={(text) => onPlan({ ...plan, [which]: plan[which].map((line, n) => (n === weekday ? text : line)) })}
      />
    ))
  return (
    <>
      {title && <h3>{title}</h3>}
      <div class="pair">
        <TextField label={t('plan_from')} type="date" value={plan.from ?? ''} onText={(from) => onPlan({ ...plan, from })} />
        <TextField label={t('plan_until')} type="date" value={plan.until ?? ''} onText={(until) => onPlan({ ...plan, until })} />
      </div>
      <div class="pair">
        <fieldset>
          <legend>{t('hours_week')}</legend>
          <p class="hint">{t('spans_hint')}</p>
          {lines('hours', t('spans_hint'))}
        </fieldset>
        <fieldset>
          <legend>{t('breaks_week')}</legend>
          <p class="hint">{t('breaks_hint')}</p>
          {lines('breaks', t('breaks_hint'))}
        </fieldset>
      </div>
      {onRemove && (
        <button type="button" onClick={onRemove}>
          {t('plan_remove')} <span class="sr">{title}</span>
        </button>
      )}
    </>
  )
}

/** The hours of a week to be read; several periods one after the other. */
export function HoursTable({ rules }: { rules: Rule[] }): JSX.Element {
  if (rules.length === 0) return <p class="quiet">{t('hours_none_yet')}</p>
  return (
    <>
      {plansOf(rules).map((plan, at) => (
        <table class="hours" key={at}>
          <caption class={plan.from || plan.until ? 'quiet' : 'sr'}>
            {t('hours_week')} {[plan.from, plan.until].filter(Boolean).join(' – ')}
          </caption>
          <tbody>
            {DAYS.map((day, weekday) => (
              <tr key={day}>
                <th scope="row">{coded('day', day)}</th>
                <td>
                  {plan.hours[weekday] || t('closed')}
                  {plan.breaks[weekday] && <span class="quiet">{`${t('breaks_week')}: ${plan.breaks[weekday]}`}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  )
}
