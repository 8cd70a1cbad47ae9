// Every desk page: what went wrong is read out first, and a look each minute whether somebody needs help.

const LOOK_EVERY = 60000

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
