import type { JSX } from 'preact'
import { coded, t } from '../i18n'
import { SHORTCUTS } from '../state/shortcuts'
import { useDesk } from './context'

const PLACES = ['anywhere', 'list', 'conversation'] as const

/** The same table that the keyboard is read with. */
export function ShortcutHelp(): JSX.Element {
  const { preferences } = useDesk()
  return (
    <>
      <label class="tick">
        <input
          type="checkbox"
          checked={preferences.chosen.value.shortcuts}
          data-testid="shortcuts-on"
          onChange={(event) => preferences.choose({ shortcuts: event.currentTarget.checked })}
        />
        {t('shortcuts_on')}
      </label>
      <p class="quiet">{t('shortcuts_text')}</p>
      {PLACES.map((place) => (
        <table key={place} class="keys">
          <caption>{coded('where', place)}</caption>
          <thead class="sr">
            <tr>
              <th scope="col">{t('key')}</th>
              <th scope="col">{t('does')}</th>
            </tr>
          </thead>
          <tbody>
            {SHORTCUTS.filter(({ where }) => where === place).map(({ id, key }) => (
              <tr key={id}>
                <th scope="row">
                  <kbd>{key}</kbd>
                </th>
                <td>{coded('command', id)}</td>
              </tr>
            ))}
            {place === 'conversation' && (
              <tr>
                <th scope="row">
                  <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
                </th>
                <td>{t('command_send')}</td>
              </tr>
            )}
          </tbody>
        </table>
      ))}
    </>
  )
}
