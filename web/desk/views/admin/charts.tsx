/** Figures for the eye and for the ear: whatever is drawn stands in a real table as well. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { t, words } from '../../i18n'

/** A table whose rows carry a bar. */
export function BarTable(props: { title: string; column: string; rows: [string, number][] }): JSX.Element {
  const { title, column, rows } = props
  const most = Math.max(1, ...rows.map(([, n]) => n))
  return (
    <table class="bars">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{column}</th>
          <th scope="col" class="number">
            {t('number')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && (
          <tr>
            <td colSpan={2} class="quiet">
              {t('unmeasured')}
            </td>
          </tr>
        )}
        {rows.map(([label, n]) => (
          <tr key={label}>
            <th scope="row">
              {label}
              <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect width={(n / most) * 100} height="4" />
              </svg>
            </th>
            <td class="number">{words.value.number(n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ColumnsProps {
  title: string
  names: [string, string]
  rows: { label: string; values: [number, number] }[]
}

const [WIDTH, HEIGHT] = [720, 200]

/** Day by day, the second figure in front of the first. */
export function Columns({ title, names, rows }: ColumnsProps): JSX.Element {
  const id = useId()
  const most = Math.max(1, ...rows.flatMap((row) => row.values))
  const step = WIDTH / Math.max(1, rows.length)
  const tall = (n: number): number => (n / most) * HEIGHT
  return (
    <figure class="columns" aria-labelledby={id}>
      <figcaption id={id}>
        {title}
        <span class="legend">
          <span class="first">{names[0]}</span>
          <span class="second">{names[1]}</span>
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <line x1="0" x2={WIDTH} y1={HEIGHT + 1} y2={HEIGHT + 1} />
        {rows.map(({ label, values: [first, second] }, at) => (
          <g key={label}>
            <rect class="first" x={at * step + step * 0.1} width={step * 0.8} y={HEIGHT - tall(first)} height={tall(first)} />
            <rect class="second" x={at * step + step * 0.25} width={step * 0.5} y={HEIGHT - tall(second)} height={tall(second)} />
          </g>
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{rows[0]?.label}</span>
        <span>{t('chart_most', { n: most })}</span>
        <span>{rows.at(-1)?.label}</span>
      </p>
      <details>
        <summary>{t('as_table')}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('day')}</th>
                {names.map((name) => (
                  <th scope="col" class="number" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.label}>
                  <th scope="row">{row.label}</th>
                  {row.values.map((value, at) => (
                    <td class="number" key={at}>
                      {words.value.number(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
