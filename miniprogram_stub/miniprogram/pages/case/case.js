// One case: whose turn it is, what is asked, by when, whom to call, and all that has happened.
import { address, Failure, get, header, post } from "../../lib/api.js";
import { opened } from "../../lib/drafts.js";
import { waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { kept } from "../../lib/store.js";
import { checkOf, clocksOf, corrections, headOf, historyOf, moneyOf, stagesOf } from "../../lib/story.js";
import { ask } from "../../lib/subscribing.js";

const GRANTED = ["approved", "paying", "reviewing", "graduating"];
const BEFORE_DECISION = ["submitted", "returned", "accepted", "surveying"];

Page(screen({
  data: { id: "", story: null, corrections: [], retakes: [], documents: [], hearing: null, opinion: "", questions: [], letters: [], money: null, check: null, notice: [], clocks: [], nudge: null, stages: [], history: [], photos: [], onPhone: 0, remedy: [], canWithdraw: false, recheck: "", isGranted: false, subscribes: false, said: "" },
  onLoad(query) {
    this.setData({ id: query.id });
    return this.show();
  },
  onReturn() {
    return this.show();
  },
  async show() {
    signedIn();
    const path = "/api/applications/" + this.data.id;
    const { timeline } = await get(path + "/timeline");
    const form = timeline.corrections.length ? (await opened(this.data.id)).program.form : { steps: [] };
    const { recheck } = GRANTED.includes(timeline.status) ? await get(path + "/changes") : { recheck: null };
    await this.refresh();
    this.setData({ isGranted: GRANTED.includes(timeline.status), recheck: recheck && recheck.open_now ? recheck.due_text : "" });
    this.setData(Object.assign({ corrections: corrections(timeline, form), retakes: timeline.photos.filter((photo) => photo.state === "retake") }, this.told(timeline)));
  },
  told(timeline) {
    const decision = timeline.decision || {};
    const hearing = decision.hearing;
    return {
      story: headOf(timeline),
      stages: stagesOf(timeline),
      history: historyOf(timeline),
      photos: timeline.photos.map(({ id, title, text }) => ({ id, title, text })),
      onPhone: waiting(this.data.id).length,
      remedy: timeline.remedy,
      clocks: clocksOf(timeline),
      money: moneyOf(timeline.payments),
      check: checkOf(timeline.check),
      notice: ((decision.notice || {}).rows || []).map(([what, text]) => ({ what, text })),
      nudge: timeline.clock && timeline.clock.nudge.text ? timeline.clock.nudge : null,
      hearing: hearing ? { title: hearing.title, now: hearing.now_text || "", amount: hearing.amount_text || "", why: hearing.sentence, heard: Boolean(hearing.heard), by: hearing.by_text } : null,
      letters: (decision.letters || []).map(({ id, title, decision: said, on_text, number }) => ({ id, title, decision: said, on_text, number })),
      questions: ((timeline.referral || {}).consents || []).filter((one) => one.may_answer && one.state === "asked").map(({ id, receiver, labels }) => ({ id, receiver, labels: labels || [] })),
      subscribes: Boolean((kept("templates", {}).decision || []).length),
      canWithdraw: BEFORE_DECISION.includes(timeline.status) && !this.data.helped,
    };
  },
  // The newest list counts, in whatever order the answers come.
  async refresh() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const documents = await get(`/api/applications/${this.data.id}/documents`);
    if (turn !== this.turn) return;
    this.setData({ documents: documents.map(({ id, item, state, advice }) => ({ id, item, state, advice })) });
  },
  // What was put right is worth a message when it is looked at; WeChat asks only inside a tap.
  again(event) {
    const { url } = event.currentTarget.dataset;
    return ask("correction").then(() => wx.navigateTo({ url }));
  },
  subscribe() {
    return ask("decision").then(() => this.setData({ said: "好。不通知也能在这里看。", subscribes: false }));
  },
  nudge() {
    return this.done(() => post(`/api/applications/${this.data.id}/nudges`), "已经催了。");
  },
  type(event) {
    this.data.opinion = event.detail.value;
  },
  speak() {
    return this.done(() => post(`/api/applications/${this.data.id}/hearing-statements`, { sentence: this.data.opinion.trim() }), "您的意见交上去了。");
  },
  answer(event) {
    const { id, agrees } = event.currentTarget.dataset;
    return this.done(() => post(`/api/applications/${this.data.id}/referral-consents/${id}/answers`, { agrees: Boolean(agrees) }), "您的回答记下了。");
  },
  withdraw() {
    wx.showModal({
      title: "撤回这份申请？",
      content: "撤回以后，还可以再申请。",
      confirmText: "撤回",
      success: ({ confirm }) => confirm && this.done(() => post(`/api/applications/${this.data.id}/withdrawal`), "已经撤回了。"),
    });
  },
  done(act, words) {
    return this.attempt(async () => {
      await act();
      await this.show();
      this.setData({ said: words });
    });
  },
  letter(event) {
    const url = address(`/api/applications/${this.data.id}/decisions/${event.currentTarget.dataset.id}/letter.pdf`);
    const failed = () => this.fail(new Failure({ code: "offline", message: "决定书没有打开。请再点一次。" }));
    wx.downloadFile({
      url,
      header: header(),
      success: (answer) => (answer.statusCode === 200 ? wx.openDocument({ filePath: answer.tempFilePath, fileType: "pdf", showMenu: true, fail: failed }) : failed()),
      fail: failed,
    });
  },
}));
