// The talk with the office about one file. What is being written is kept until it is sent.
import { address, Failure, get, header, postForm } from "../../lib/api.js";
import { screen, signedIn } from "../../lib/screen.js";
import { forget, keep, kept, newKey } from "../../lib/store.js";
import { lay, record, remove, sendVoice, stop } from "../../lib/voice.js";
import { spoken } from "../../lib/words.js";

Page(screen({
  data: { id: "", lines: [], text: "", known: false, busy: false, recording: false, voice: null, barred: false },
  onLoad(query) {
    this.kept = "talk:" + query.id;
    this.keptVoice = "voice:" + query.id;
    this.setData({ id: query.id, text: kept(this.kept, { text: "" }).text, voice: kept(this.keptVoice, null) });
    return this.show();
  },
  async show() {
    signedIn();
    const { messages } = await get(`/api/applications/${this.data.id}/messages`);
    const lines = messages.map((one) => ({ id: one.id, mine: one.mine, who: one.mine ? "我" : one.who, at: spoken(one.at), text: one.text, voice: one.voice, new: Boolean(one.new) }));
    this.setData({ lines, known: true });
  },
  type(event) {
    this.data.text = event.detail.value;
    keep(this.kept, { text: this.data.text, key: newKey() });
  },
  // The phone rings, or the page is left: what was said so far stays.
  onHide() {
    this.still();
  },
  onUnload() {
    this.still();
  },
  still() {
    if (this.data.recording) stop();
  },
  speak() {
    this.setData({ failure: null, barred: false });
    const name = this.data.id;
    record(
      async ({ path, seconds }) => {
        const voice = { path: await lay(path, name), seconds, key: newKey() };
        keep(this.keptVoice, voice);
        this.setData({ recording: false, voice });
      },
      (fault) => {
        this.setData({ recording: false, barred: fault.code === "voice_refused" });
        this.fail(fault);
      },
    );
    this.setData({ recording: true });
  },
  stop() {
    stop();
  },
  allow() {
    wx.openSetting({ success: () => this.setData({ failure: null, barred: false }), fail() {} });
  },
  hear() {
    const player = wx.createInnerAudioContext();
    player.src = this.data.voice.path;
    player.play();
  },
  async unsay() {
    const { path } = this.data.voice;
    forget(this.keptVoice);
    this.setData({ voice: null });
    await remove(path);
  },
  sendVoice() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(async () => {
      await sendVoice(this.data.id, this.data.voice.path, this.data.voice.key);
      await this.unsay();
      await this.show();
    }).finally(() => this.setData({ busy: false }));
  },
  send() {
    if (this.data.busy) return undefined;
    this.setData({ busy: true });
    return this.attempt(async () => {
      const { text, key } = kept(this.kept, { text: "", key: newKey() });
      if (!text.trim()) throw new Failure({ code: "empty", message: "还没有写字。请写几句再发。" });
      await postForm(`/api/applications/${this.data.id}/messages`, { text }, key);
      forget(this.kept);
      this.setData({ text: "" });
      await this.show();
    }).finally(() => this.setData({ busy: false }));
  },
  listen(event) {
    const url = address(`/api/applications/${this.data.id}/messages/${event.currentTarget.dataset.id}/voice`);
    const failed = () => this.fail(new Failure({ code: "offline", message: "声音没有放出来。请再点一次。" }));
    wx.downloadFile({
      url,
      header: header(),
      success: (answer) => {
        if (answer.statusCode !== 200) return failed();
        const player = wx.createInnerAudioContext();
        player.src = answer.tempFilePath;
        return player.play();
      },
      fail: failed,
    });
  },
}));
