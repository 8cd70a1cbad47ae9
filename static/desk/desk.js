// Photos: bigger, smaller, turned, by button or key. And a look each minute whether somebody needs help.

const MOST_ZOOM = 4
const LOOK_EVERY = 60000

for (const photo of document.querySelectorAll('.photo')) {
  const tools = photo.querySelector('.tools')
  if (!tools) continue
  const frame = photo.querySelector('.frame')
  const zoom = by => {
    const wanted = Number(photo.dataset.zoom) + by
    photo.dataset.zoom = Math.min(MOST_ZOOM, Math.max(1, wanted))
  }
  const turn = by => {
    photo.dataset.turn = (Number(photo.dataset.turn) + by + 360) % 360
  }
  const acts = [
    ['放大', '+', () => zoom(1)],
    ['缩小', '-', () => zoom(-1)],
    ['左转', '[', () => turn(-90)],
    ['右转', ']', () => turn(90)],
  ]
  acts.forEach(([name, key, act], number) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = name
    button.setAttribute('aria-keyshortcuts', key)
    button.addEventListener('click', act)
    tools.insertBefore(button, tools.children[number])
  })
  frame.addEventListener('keydown', event => {
    const found = acts.find(([, key]) => key === event.key || (key === '+' && event.key === '='))
    if (!found || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    found[2]()
  })
}

const sum = document.getElementById('sum')
if (sum) sum.focus()

const opened = Number(document.body.dataset.alerts)
if (!Number.isNaN(opened)) setInterval(look, LOOK_EVERY)

async function look() {
  const answer = await fetch('/desk/counts', { credentials: 'same-origin' }).catch(() => null)
  if (!answer || !answer.ok || answer.redirected) return
  const { alerts } = await answer.json()
  if (alerts > opened) announce(alerts)
}

function announce(alerts) {
  const link = document.createElement('a')
  link.href = '/desk/#alerts'
  link.textContent = `急：${alerts}件没人答复，请马上看。`
  const strip = document.createElement('p')
  strip.className = 'strip'
  strip.append(link)
  document.getElementById('news').replaceChildren(strip)
  document.title = `（急）${document.title.replace(/^（急）/, '')}`
}

document.documentElement.dataset.ready = '1'
