"""What a phone does with its photos: made small on a third of a core, never in a finger's way, within
little memory; and a hundred households kept on it, listed.

    python -m bench on_the_phone     needs Chromium, and root for the third of a core
"""

import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserType, Page, sync_playwright

from bench import photos
from bench.handset import Handset, pss, share_of_a_core, switched_on
from bench.site import serving
from tests.browser import CHROMIUM
from tests.journeys.story import PHOTOS

SHARE, SECONDS, BLOCKED, MEGABYTES = 1 / 3, 3.0, 100.0, 60.0
TWELVE, ID_CARD = PHOTOS / "bill_L1_01_12mp.jpg", PHOTOS / "id_front_L1_00.jpg"
KILOBYTES = {"身份证": (ID_CARD, 80, 150), "A4": (TWELVE, 160, 230)}
"""What is photographed, and the most it may weigh as WebP and as JPEG."""
HOUSEHOLDS, EACH, LISTED, MORE = 100, 8, 100.0, 20.0
_WATCH = """
() => {
  self.blocked = 0;
  self.ended = 0;
  const longest = (found) => found.getEntries().forEach((one) => { blocked = Math.max(blocked, one.duration); });
  new PerformanceObserver(longest).observe({ type: "longtask" });
  addEventListener("change", () => { self.began = performance.now(); }, true);
  const look = () => { ended = ended || (document.querySelector("[data-paper] li img[src]") ? performance.now() : 0); };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""
_PLAINLY = """
async ([bytes, side, quality]) => {
  const file = new Blob([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))]);
  await new Promise((done) => setTimeout(done, 500));
  blocked = 0;
  const began = performance.now();
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  const ratio = side / Math.max(image.width, image.height);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.width * ratio, height: image.height * ratio });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  const took = (performance.now() - began) / 1000;
  await new Promise((done) => setTimeout(done, 500));
  return [took, blocked, small.size];
}
"""
_KEPT = """
() => new Promise((done) => {
  indexedDB.open("photos", 1).onsuccess = ({ target }) => {
    target.result.transaction("photos").objectStore("photos").getAll().onsuccess = (found) => {
      target.result.close();
      done(found.target.result.map((one) => [one.blob.type, one.blob.size]));
    };
  };
})
"""
_FILL = """
async ([households, each]) => {
  const opened = (name) => new Promise((done) => { indexedDB.open(name, 1).onsuccess = ({ target }) => done(target.result); });
  const [drafts, photos] = [await opened("drafts"), await opened("photos")];
  const canvas = new OffscreenCanvas(1600, 1200);
  const pen = canvas.getContext("2d");
  for (let n = 0; n < 6000; n += 1) {
    pen.fillStyle = `hsl(${n % 360} 60% ${n % 97}%)`;
    pen.fillRect((n * 37) % 1600, (n * 91) % 1200, 90, 30);
  }
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.72 });
  const typed = Array.from({ length: 10 }, (_none, n) => [`question_${n}`, "老伴走了，我常年吃药。"]);
  for (let n = 0; n < households; n += 1) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
    const to = `/api/applications/${id}/typed`;
    const writing = drafts.transaction("drafts", "readwrite").objectStore("drafts");
    writing.put({ id, program: "dibao", short: "低保", person: `第${n}家`, begun: true, here: false, who: "", seen: {}, at: n }, `${id}/`);
    for (let step = 0; step < 5; step += 1) writing.put({ to, typed, touched: [], asked: {}, step: `s${step}`, revision: 0 }, `${id}/s${step}`);
    for (let m = 0; m < each; m += 1) {
      const store = photos.transaction("photos", "readwrite").objectStore("photos");
      await new Promise((done) => { store.put({ id: `${n}-${m}`, application: id, item: "other", state: "ready", sha: `${n}-${m}`, blob, at: n }).onsuccess = done; });
    }
  }
  return blob.size;
}
"""
_LIST = """
async () => {
  const list = document.querySelector("[data-typed]");
  const script = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/outbox.js")).name;
  list.replaceChildren();
  const began = performance.now();
  await (await import(`${script}?${began}`)).ready;
  return [performance.now() - began, list.children.length];
}
"""
"""The whole list anew, by a second copy of its module."""
_READ = """
async () => {
  const began = performance.now();
  const open = (name) => new Promise((done) => { indexedDB.open(name, 1).onsuccess = ({ target }) => done(target.result); });
  for (const name of ["drafts", "photos"]) {
    const store = (await open(name)).transaction(name).objectStore(name);
    await new Promise((done) => { store.getAll().onsuccess = done; });
  }
  return performance.now() - began;
}
"""


def main() -> int:
    if not Path(CHROMIUM).exists():
        photos.say(f"on_the_phone  NOT MEASURED: this machine has no {CHROMIUM}")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        serving(Path(folder) / "data") as (_process, url),
        share_of_a_core(SHARE) as group,
    ):
        if group is None:
            photos.say("on_the_phone  NO THIRD OF A CORE here: measured on a whole one")
        bench = Bench(Path(folder), url, playwright.chromium)
        return bench.shrinking(group) + bench.weighing() + bench.listing()


@dataclass
class Bench:
    folder: Path
    url: str
    chromium: BrowserType

    def shrinking(self, group: Path | None) -> int:
        """12 and 48 million points, beside the plain way: an image and a canvas on the page."""
        missed = 0
        for millions, path in ((12, TWELVE), (48, self._large())):
            with switched_on(self.chromium, self.folder / str(millions), group=group) as phone:
                seconds, blocked, more = self._take(phone, path)
                plain = phone.page.evaluate(_PLAINLY, [_encoded(path), 1600, 0.72])
            photos.say(
                f"on_the_phone  {millions} MP made small and kept: {seconds:.1f} s (aim: at most {SECONDS:.0f} "
                f"for 12 MP), {seconds / plain[0]:.2f} of the plain way; the page blocked {blocked:.0f} ms (aim: "
                f"at most {BLOCKED:.0f}), plainly {plain[1]:.0f}; {more:+.0f} MB (aim: at most +{MEGABYTES:.0f})"
            )
            missed += (millions == 12 and seconds > SECONDS) + (blocked > BLOCKED)
            missed += more > MEGABYTES
        return missed

    def weighing(self) -> int:
        """What becomes of an ID card and of a page of A4."""
        missed = 0
        for what, (path, webp, jpeg) in KILOBYTES.items():
            with switched_on(self.chromium, self.folder / what) as phone:
                self._take(phone, path)
                ((kind, size),) = phone.page.evaluate(_KEPT)
                plain = phone.page.evaluate(_PLAINLY, [_encoded(path), 1600, 0.72])[2]
            photos.say(
                f"on_the_phone  {what}: {kind} {size / 1000:.0f} KB (aim: at most {webp}), as JPEG "
                f"{plain / 1000:.0f} KB (aim: at most {jpeg}); {size / path.stat().st_size:.2f} of the original"
            )
            missed += (size > webp * 1000) + (plain > jpeg * 1000)
        return missed

    def listing(self) -> int:
        """A hundred households with eight photos each, on the page of what waits; beside the same
        page with nothing kept, on a later visit too: the first has no service worker yet."""
        profile = self.folder / "households"
        with switched_on(self.chromium, profile) as phone:
            _ready(phone.page, self.url + "/waiting")
            time.sleep(2)
        with switched_on(self.chromium, profile) as phone:
            _ready(phone.page, self.url + "/waiting")
            time.sleep(5)
            before = phone.megabytes()
            phone.page.evaluate(_FILL, [HOUSEHOLDS, EACH])
        with switched_on(self.chromium, profile) as phone:
            _ready(phone.page, self.url + "/waiting")
            time.sleep(5)
            more = phone.megabytes() - before
            found = [phone.page.evaluate(_LIST) for _ in range(3)]
            read = min(phone.page.evaluate(_READ) for _ in range(3))
        milliseconds, listed = min(found)
        photos.say(
            f"on_the_phone  {listed} households with {EACH} photos each listed in {milliseconds:.0f} ms (aim: at "
            f"most {LISTED:.0f}), {milliseconds / read:.2f} of reading everything at once ({read:.0f} ms); "
            f"{more:+.0f} MB (aim: at most +{MORE:.0f})"
        )
        return (milliseconds > LISTED) + (more > MORE) + (listed != HOUSEHOLDS)

    def _take(self, phone: Handset, path: Path) -> tuple[float, float, float]:
        """(seconds until it is small and kept, longest the page was blocked in ms, megabytes more)."""
        _begin(phone.page, self.url)
        phone.page.evaluate(_WATCH)
        with peak(phone) as memory:
            phone.choose('form[data-paper="id_card"] input[type=file]', path)
            phone.page.locator("[data-paper] li img[src]").wait_for(state="attached")
            time.sleep(1)
        began, ended, blocked = phone.page.evaluate("() => [began, ended, blocked]")
        return (ended - began) / 1000, blocked, memory.most - memory.before

    def _large(self) -> Path:
        """The same photo with four times the points."""
        path = self.folder / "48mp.jpg"
        with Image.open(TWELVE) as image:
            image.resize((image.width * 2, image.height * 2)).save(path, "JPEG", quality=90)
        return path


@dataclass
class Memory:
    processes: list[int]
    before: float = 0.0
    most: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, sum(map(pss, self.processes)))


@contextmanager
def peak(phone: Handset) -> Iterator[Memory]:
    memory = Memory(phone.renderers())
    memory.before = memory.most = sum(map(pss, memory.processes))
    looking = threading.Thread(target=memory.look, daemon=True)
    looking.start()
    yield memory
    memory.over.set()
    looking.join()


def _begin(page: Page, url: str) -> None:
    """A form begun on the phone's own copy, open at its photos."""
    _ready(page, url + "/fill/dibao")
    page.locator('[data-begin] label.o:has(input[value="self"])').click()
    page.get_by_role("button", name="开始填").click()
    page.locator("[data-ways]").wait_for()
    page.evaluate("() => { location.hash = location.hash.split('/')[0] + '/photos'; }")
    page.locator("[data-page=photos]").wait_for()


def _ready(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")


def _encoded(path: Path) -> Any:
    return b64encode(path.read_bytes()).decode()
