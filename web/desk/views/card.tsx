import type { JSX } from 'preact'
import type { Card } from '../contract'
import { direction, t } from '../i18n'
import { Outside } from './parts'

/** An entry of the knowledge base as the citizen sees it, with where it comes from. */
export function CardView({ card, lang }: { card: Card; lang: string }): JSX.Element {
  return (
    <article class="card" lang={lang} dir={direction(lang)} data-testid="card">
      <h4>{card.title}</h4>
      {card.summary && <p>{card.summary}</p>}
      {card.authority && (
        <p class={card.authority.own ? 'authority' : 'authority other'}>
          <strong>{card.authority.name}</strong> {card.authority.note}
        </p>
      )}
      {card.rows.map((row) => (
        <section key={row.kind + row.label}>
          <h5>{row.label}</h5>
          <ul>
            {row.items.map((item, at) => (
              <li key={at}>
                {item.url ? <Outside href={item.url}>{item.text}</Outside> : item.text}
                {!item.verified && (
                  <>
                    {' '}
                    <span class="badge" {...own}>
                      {t('unverified')}
                    </span>
                  </>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {card.links.length > 0 && (
        <ul>
          {card.links.map((link) => (
            <li key={link.url}>
              <Outside href={link.url}>{link.title}</Outside>
            </li>
          ))}
        </ul>
      )}
      <Origin source={card.source} checked={card.checked} />
    </article>
  )
}

/** The desk's own words inside a card in another language. */
const own = { dir: 'ltr' as const }

export function Origin({ source, checked }: Pick<Card, 'source' | 'checked'>): JSX.Element {
  return (
    <p class="origin quiet">
      {source ? (
        <>
          {t('source')}: <Outside href={source.url}>{source.title}</Outside>
        </>
      ) : (
        t('no_source')
      )}
      {checked && <span> · {checked}</span>}
    </p>
  )
}
