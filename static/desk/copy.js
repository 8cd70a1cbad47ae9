// One answer after the other into the clipboard: Enter copies and goes on. Office networks often have
// no HTTPS, and then no clipboard of the browser's own: the selected text is copied the old way.

const all = [...document.querySelectorAll('.copies textarea')]
const told = document.getElementById('copied')

for (const [number, area] of all.entries()) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'plain'
  button.tabIndex = -1
  button.textContent = '复制'
  button.addEventListener('click', () => take(number))
  area.after(button)
  area.addEventListener('focus', () => area.select())
  area.addEventListener('keydown', event => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
    const by = { Enter: 0, j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    if (event.key === 'Enter') take(number)
    else go(number + by)
  })
}

async function take(number) {
  const area = all[number]
  const done = await copy(area)
  area.parentElement.dataset.done = done ? '1' : '0'
  const label = area.parentElement.querySelector('label').textContent
  told.textContent = done ? `已复制：${label}（第${number + 1}项，共${all.length}项）` : '没有复制上。请按Ctrl+C。'
  if (done) go(number + 1)
}

async function copy(area) {
  area.focus()
  area.select()
  if (window.isSecureContext && navigator.clipboard) {
    const done = await navigator.clipboard.writeText(area.value).then(() => true, () => false)
    if (done) return true
  }
  return document.execCommand('copy')
}

function go(number) {
  const target = all[Math.min(all.length - 1, Math.max(0, number))]
  target.focus()
  target.scrollIntoView({ block: 'nearest' })
}

if (all.length) all[0].focus()
