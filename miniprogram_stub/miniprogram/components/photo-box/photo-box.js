// The photos of one paper: those on the phone, those on their way, those the portal has.
import { address, drop, header } from "../../lib/api.js";
import { add, again, remove, roomLeft, sentCount, waiting, watch } from "../../lib/photos.js";

const STATES = { received: "✓ 已上传", prepared: "✓ 已上传", unreadable: "打不开，请重拍" };
const WORDS = { waiting: "存在手机上，等着传", refused: "没有收下", gone: "找不到了" };
const REFUSED = "没有允许用相机和相册。可以不拍，上门时再看。";
const NO_CAMERA = "相机打不开。可以从相册选，或上门时再看。";

Component(/** @type {any} */ ({
  properties: { application: { type: String, value: "" }, item: { type: String, value: "" }, title: { type: String, value: "" }, documents: { type: Array, value: [] } },
  data: { photos: /** @type {any[]} */ ([]), said: "", barred: false },
  observers: {
    "application, item, documents"() {
      if (this.begun) this.draw(null);
    },
  },
  lifetimes: {
    attached() {
      this.begun = true;
      this.pictures = {};
      this.count = 0;
      this.stop = watch((application, progress) => this.heard(application, progress));
      this.draw(null);
      this.noteSent();
    },
    detached() {
      this.stop();
    },
  },
  methods: {
    heard(application, progress) {
      if (application !== this.data.application) return;
      this.draw(progress);
      this.noteSent();
    },
    // One may have arrived while the page was still asking for the list.
    noteSent() {
      const now = sentCount(this.data.application);
      if (now === this.count) return;
      this.count = now;
      this.triggerEvent("sent");
    },
    draw(progress) {
      const { application, item, documents } = this.data;
      const here = waiting(application).filter((photo) => photo.item === item);
      const sent = documents.filter((one) => one.item === item);
      const photos = sent.map((one) => this.there(one)).concat(here.map((photo) => onPhone(photo, progress)));
      this.setData({ photos });
    },
    there(one) {
      if (one.state === "prepared" && !(one.id in this.pictures)) this.fetchPicture(one.id);
      return { id: one.id, sent: true, path: this.pictures[one.id] || "", words: STATES[one.state] || STATES.received, percent: 0, sentence: "", advice: one.advice || [] };
    },
    fetchPicture(id) {
      this.pictures[id] = "";
      wx.downloadFile({
        url: address(`/api/applications/${this.data.application}/documents/${id}/thumbnail`),
        header: header(),
        success: (answer) => {
          if (answer.statusCode !== 200) return;
          this.pictures[id] = answer.tempFilePath;
          this.draw(null);
        },
      });
    },
    take() {
      this.setData({ said: "", barred: false });
      wx.chooseMedia({
        count: 9,
        mediaType: ["image"],
        sourceType: ["camera", "album"],
        sizeType: ["compressed"],
        success: (answer) => this.keepAll(answer.tempFiles),
        fail: (fault) => this.refused(fault),
      });
    },
    async keepAll(files) {
      try {
        for (const one of files) await add({ application: this.data.application, item: this.data.item }, one.tempFilePath);
        this.setData({ said: roomLeft() });
      } catch (fault) {
        this.setData({ said: fault.message });
      }
    },
    refused(fault) {
      if (/cancel/.test(fault.errMsg)) return;
      const isRefused = /privacy|auth|permission/.test(fault.errMsg);
      this.setData({ said: isRefused ? REFUSED : NO_CAMERA, barred: isRefused && !/privacy/.test(fault.errMsg) });
    },
    look(event) {
      const { path } = event.currentTarget.dataset;
      wx.previewImage({ urls: [path], current: path });
    },
    // WeChat asks for the camera once; after a no only its own page can allow it.
    allow() {
      wx.openSetting({ success: () => this.setData({ said: "", barred: false }), fail() {} });
    },
    again(event) {
      again(event.currentTarget.dataset.id);
    },
    async remove(event) {
      const { id, sent } = event.currentTarget.dataset;
      try {
        if (sent) await drop(`/api/applications/${this.data.application}/documents/${id}`);
        else await remove(id);
        this.triggerEvent("sent");
      } catch (fault) {
        this.setData({ said: fault.message });
      }
    },
  },
}));

// One that has not left the phone.
function onPhone(photo, progress) {
  const percent = progress && progress.id === photo.id ? Math.round(progress.percent) : 0;
  const words = percent ? `正在传，${percent}%` : WORDS[photo.state];
  return { id: photo.id, sent: false, path: photo.state === "gone" ? "" : photo.path, words, percent, sentence: photo.sentence, refused: photo.state === "refused", advice: [] };
}
