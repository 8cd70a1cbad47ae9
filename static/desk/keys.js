// One key an act. Elements name their own: data-key="a"; data-now presses at once, others are only
// brought up, so that Enter decides. data-step: what j and k go along.

const steps = () => [...document.querySelectorAll('[data-step]')].filter(seen)
const seen = element => element.getClientRects().length > 0
const typing = element => Boolean(element.closest('input, textarea:not([readonly]), select, [contenteditable], dialog'))

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
  if (event.key === 'Escape' && typing(event.target)) event.target.blur()
  if (typing(event.target) || event.defaultPrevented) return
  if (act(event.key)) event.preventDefault()
})

function act(key) {
  if (key === '?' || key === '？') return help()
  if (key === 'j' || key === 'k') return step(key === 'j' ? 1 : -1)
  const found = [...document.querySelectorAll('[data-key]')].find(e => e.dataset.key === key && seen(e))
  if (found) return press(found)
  if (key === 'g') return go('/desk/')
  document.dispatchEvent(new CustomEvent('desk:key', { detail: key }))
  return key === 'o' || key === 'e'
}

function press(element) {
  const hash = element.getAttribute('href')
  if ('now' in element.dataset) element.click()
  else if (hash && hash.startsWith('#')) enter(hash)
  else element.focus()
  return true
}

function enter(hash) {
  location.hash = hash
  const first = document.querySelector(`${hash} input:not([type="hidden"]), ${hash} select, ${hash} textarea`)
  if (first) first.focus()
}

function step(by) {
  const all = steps()
  if (!all.length) return false
  const here = all.indexOf(document.activeElement)
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by
  const target = all[Math.min(all.length - 1, Math.max(0, next))]
  target.focus()
  target.scrollIntoView({ block: 'nearest' })
  return true
}

function go(path) {
  location.assign(path)
  return true
}

function help() {
  const dialog = document.createElement('dialog')
  dialog.className = 'help'
  dialog.setAttribute('aria-label', '本页的快捷键')
  const title = document.createElement('h2')
  title.textContent = '本页的快捷键'
  const list = document.createElement('dl')
  list.className = 'keys'
  for (const [key, words] of known()) list.append(line(key, words))
  const close = document.createElement('button')
  close.className = 'go'
  close.textContent = '关掉（Esc）'
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  dialog.append(title, list, close)
  document.body.append(dialog)
  dialog.showModal()
  close.focus()
  return true
}

function known() {
  const named = [...document.querySelectorAll('[data-key][data-name]')].filter(seen)
  const own = named.map(element => [element.dataset.key, element.dataset.name])
  if (document.querySelector('.photo form.ok')) own.push(['o', '照片看清了，到下一张'])
  if (document.querySelector('.photo .again')) own.push(['e', '请居民重拍这张'])
  if (document.querySelector('.photo')) own.push(['+ - [ ]', '照片放大、缩小、左转、右转'])
  if (steps().length) own.push(['j', '下一个'], ['k', '上一个'])
  if (!own.some(([key]) => key === 'g')) own.push(['g', '回到队列'])
  return [...own, ['Esc', '离开输入框']]
}

function line(key, words) {
  const row = document.createElement('div')
  const term = document.createElement('dt')
  for (const one of key.split(' ')) {
    const cap = document.createElement('kbd')
    cap.textContent = one
    term.append(cap, ' ')
  }
  const said = document.createElement('dd')
  said.textContent = words
  row.append(term, said)
  return row
}
