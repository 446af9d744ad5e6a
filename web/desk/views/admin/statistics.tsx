import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Statistics } from '../../contract'
import { t, words } from '../../i18n'
import { may } from '../../state/rights'
import { localInput } from '../dialogs'
import { useDesk, useLoaded } from '../context'
import { Choose, PageHead, TextField, Waiting } from '../parts'
import { BarTable, Columns } from './charts'

const DAYS_BACK = 28
const STARS = [5, 4, 3, 2, 1]

const isoDay = (date: Date): string => localInput(date).slice(0, 10)

function daysAgo(days: number): string {
  const now = new Date()
  return isoDay(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days))
}

export function StatisticsPage(): JSX.Element {
  const desk = useDesk()
  const [from, setFrom] = useState(() => daysAgo(DAYS_BACK))
  const [to, setTo] = useState(() => daysAgo(0))
  const [team, setTeam] = useState('')
  const sound = from !== '' && to !== '' && from <= to
  const figures = useLoaded<Statistics | null>(
    () => (sound ? desk.api.statistics(from, to, team) : Promise.resolve(null)),
    `${from} ${to} ${team}`,
  )
  return (
    <>
      <PageHead title="page_statistics">
        {may(desk.me, 'export_statistics') && sound && (
          <a class="button" href={desk.api.statisticsFile(from, to, team)} download data-testid="csv">
            {t('csv')}
          </a>
        )}
      </PageHead>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <TextField label={t('from')} type="date" required max={to} value={from} onText={setFrom} />
        <TextField label={t('to')} type="date" required min={from} value={to} onText={setTo} problem={sound ? null : t('period_wrong')} />
        <Choose
          label={t('team')}
          value={team}
          options={[['', t('every_team')] as const, ...desk.teams.value.map((one) => [one.id, one.name] as const)]}
          onChoose={setTeam}
        />
      </form>
      {sound && <Waiting of={figures} />}
      {figures.data && sound && <Figures of={figures.data} />}
    </>
  )
}

function Figures({ of }: { of: Statistics }): JSX.Element {
  const say = words.value
  const time = (seconds: number | null): string => (seconds === null ? t('unmeasured') : say.duration(seconds))
  const nine = (seconds: number | null): string => (seconds === null ? '' : t('nine_of_ten', { time: time(seconds) }))
  const sum = (key: (row: Statistics['handovers'][number]) => string): [string, number][] => {
    const totals = new Map<string, number>()
    for (const row of of.handovers) totals.set(key(row), (totals.get(key(row)) ?? 0) + row.count)
    return [...totals].sort((a, b) => b[1] - a[1])
  }
  return (
    <>
      <dl class="figures">
        <Figure term={t('waiting_median')} text={time(of.waiting.median)} more={nine(of.waiting.p90)} />
        <Figure term={t('handling_median')} text={time(of.handling.median)} more={nine(of.handling.p90)} />
        <Figure
          term={t('guide_alone')}
          text={of.guide_alone.share === null ? t('unmeasured') : say.percent(of.guide_alone.share)}
          more={t('guide_alone_count', { n: of.guide_alone.count })}
        />
        <Figure
          term={t('rating_average')}
          text={of.ratings.average === null ? t('unmeasured') : say.number(of.ratings.average, 1)}
          more={t('rating_count', { n: of.ratings.count })}
        />
      </dl>
      <Columns
        title={t('chart_days')}
        names={[t('chart_conversations'), t('chart_handovers')]}
        rows={of.by_day.map((row) => ({ label: say.shortDay(row.day), values: [row.conversations, row.handovers] }))}
      />
      <div class="charts">
        <BarTable title={t('chart_services')} column={t('service')} rows={sum((row) => row.service?.title ?? t('no_service'))} />
        <BarTable title={t('chart_languages')} column={t('language')} rows={sum((row) => say.languageName(row.language))} />
        <BarTable
          title={t('chart_ratings')}
          column={t('stars')}
          rows={STARS.map((star) => [say.count('stars', star), of.ratings.by_star[star] ?? 0])}
        />
      </div>
    </>
  )
}

function Figure({ term, text, more }: { term: string; text: string; more: string }): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <strong>{text}</strong>
        {more && <span class="quiet">{more}</span>}
      </dd>
    </div>
  )
}
