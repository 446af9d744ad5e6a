import { render } from 'preact'
import { startRouter } from './router'
import { Desk } from './state/desk'
import { App } from './views/app'

const desk = new Desk()
startRouter()
render(<App desk={desk} />, document.getElementById('desk')!)
void desk.start()

for (const sign of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const) {
  addEventListener(sign, () => desk.touched(), { passive: true })
}
// Never fires in the tab that wrote.
addEventListener('storage', () => desk.stored())
addEventListener('online', () => desk.awake())
addEventListener('offline', () => desk.cutOff())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') desk.awake()
})
