// Photos beside the answers: bigger, smaller, turned; seen one after the other; printed when all are there.

const MOST_ZOOM = 4
const PATIENCE = 60000
const photos = [...document.querySelectorAll('.photo')]

for (const photo of photos) {
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

// "看清了" without leaving the page; when that fails the form goes the ordinary way and the page says why.
for (const form of document.querySelectorAll('.photo form.ok')) {
  form.addEventListener('submit', event => {
    event.preventDefault()
    seen(form)
  })
}

async function seen(form) {
  const photo = form.closest('.photo')
  const body = new URLSearchParams(new FormData(form))
  const sent = { method: 'POST', body, credentials: 'same-origin', redirect: 'manual' }
  const answer = await fetch(form.action, sent).catch(() => null)
  if (!answer || answer.type !== 'opaqueredirect') {
    form.submit()
    return
  }
  const tag = document.createElement('span')
  tag.className = 'tag good'
  tag.textContent = '看清了'
  photo.querySelector('.mark').replaceChildren(tag)
  photo.dataset.mark = 'accepted'
  form.remove()
  step(photo)
}

function step(from) {
  const next = photos[photos.indexOf(from) + 1]
  const target = next ? next.querySelector('[data-step]') : document.querySelector('[data-key="a"]')
  if (target) target.focus()
}

function present() {
  const focused = document.activeElement ? document.activeElement.closest('.photo') : null
  return focused || photos.find(photo => !photo.dataset.mark) || photos[0]
}

// The keys of the photo one is at; keys.js has those of the page.
document.addEventListener('desk:key', event => {
  const photo = present()
  if (!photo) return
  if (event.detail === 'o') {
    const form = photo.querySelector('form.ok')
    if (form) form.requestSubmit()
    else step(photo)
  }
  if (event.detail === 'e') {
    const again = photo.querySelector('.again')
    if (!again) return
    again.open = true
    again.querySelector('input[name="sentence"]').focus()
  }
})

const print = document.createElement('button')
print.type = 'button'
print.className = 'plain'
print.textContent = '打印'
print.dataset.key = 'p'
print.dataset.now = ''
print.dataset.name = '打印全部填报内容和照片'
print.addEventListener('click', async () => {
  const images = photos.map(photo => photo.querySelector('img')).filter(Boolean)
  await Promise.all(images.map(there))
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  window.print()
})

// An image that was put off says it is complete before it has begun.
async function there(image) {
  image.loading = 'eager'
  image.decoding = 'sync'
  if (!image.naturalWidth) {
    await new Promise(done => {
      image.addEventListener('load', done, { once: true })
      image.addEventListener('error', done, { once: true })
      setTimeout(done, PATIENCE)
    })
  }
  await image.decode().catch(() => null)
}

document.querySelector('.acts').append(print)
