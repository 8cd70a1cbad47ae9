// Our own question before WeChat opens camera, album or phone number. No is a full answer.

const WHY = {
  chooseMedia: "拍材料要用相机或相册。照片只交给受理窗口。",
  getPhoneNumber: "手机号只用来登录和通知您。",
  "RecorderManager.start": "录音要用话筒。只给办事的人听。",
  saveImageToPhotosAlbum: "存回执要用相册。",
};
const OTHER = "这一步要用手机的功能。";
const waiting = new Set();
const shown = new Set();

if (wx.onNeedPrivacyAuthorization) {
  wx.onNeedPrivacyAuthorization(/** @type {any} */ ((/** @type {any} */ resolve, /** @type {any} */ event = {}) => {
    waiting.add(resolve);
    const top = Array.from(shown).pop();
    if (top) top.setData({ isOpen: true, why: WHY[event.referrer] || OTHER });
    else answer({ event: "disagree" });
  }));
}

function answer(given) {
  waiting.forEach((resolve) => resolve(given));
  waiting.clear();
}

Component(/** @type {any} */ ({
  data: { isOpen: false, why: OTHER, name: "《救助通隐私保护指引》" },
  lifetimes: {
    attached() {
      shown.add(this);
    },
    detached() {
      shown.delete(this);
    },
  },
  pageLifetimes: {
    show() {
      shown.delete(this);
      shown.add(this);
    },
  },
  methods: {
    stay() {},
    read() {
      wx.openPrivacyContract({ fail() {} });
    },
    agree() {
      this.setData({ isOpen: false });
      answer({ event: "agree", buttonId: "agree-privacy" });
    },
    refuse() {
      this.setData({ isOpen: false });
      answer({ event: "disagree" });
    },
  },
}));
