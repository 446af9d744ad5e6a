import type { JSX } from 'preact'
import { coded, t, words } from '../../i18n'
import { href } from '../../router'
import { may } from '../../state/rights'
import { useDesk, useLoaded } from '../context'
import { PageHead, Waiting } from '../parts'

/** What could not be delivered. */
export function DeadLetters(): JSX.Element {
  const desk = useDesk()
  const letters = useLoaded(() => desk.api.deadLetters())
  return (
    <>
      <PageHead title="page_dead-letters" />
      <Waiting of={letters} />
      {letters.data?.length === 0 && <p class="quiet">{t('letters_none')}</p>}
      {letters.data && letters.data.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('page_dead-letters')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('channel')}</th>
                <th scope="col">{t('what_happened')}</th>
                <th scope="col">{t('tries')}</th>
                <th scope="col">
                  <span class="sr">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {letters.data.map((letter) => (
                <tr key={letter.id}>
                  <th scope="row">{words.value.moment(letter.created_at)}</th>
                  <td>{coded('channel', letter.channel)}</td>
                  <td>
                    {coded('delivery', letter.state)}
                    {letter.error && <span class="quiet">{letter.error}</span>}
                  </td>
                  <td>{letter.attempts}</td>
                  <td class="buttons">
                    <a href={href({ view: 'list', list: 'resolved', id: letter.conversation_id })}>{t('conversation')}</a>
                    {may(desk.me, 'resend_dead_letters') && (
                      <button
                        type="button"
                        onClick={() =>
                          void desk.attempt(() => desk.api.resend(letter.id), t('done_resent')).then(letters.reload)
                        }
                      >
                        {t('resend')}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
