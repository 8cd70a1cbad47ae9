// The receipt: what was handed in, where and when; kept in the album with one tap.
import { address, Failure, get, header } from "../../lib/api.js";
import { waiting } from "../../lib/photos.js";
import { screen, signedIn } from "../../lib/screen.js";
import { spoken } from "../../lib/words.js";

const NOT_ALLOWED = "没有允许存到相册。编号记下来也一样。";

Page(screen({
  data: { id: "", receipt: null, onPhone: 0, busy: false, said: "", barred: false },
  async onLoad(query) {
    signedIn();
    this.setData({ id: query.id, onPhone: waiting(query.id).length });
    const { receipt } = await get(`/api/applications/${query.id}/submission`);
    const photos = receipt.photos.map(({ title, sha256 }) => ({ title, sum: sha256.slice(0, 12) }));
    this.setData({ receipt: { status: receipt.status, number: receipt.reference_no, program: receipt.program, office: receipt.office, at: spoken(receipt.submitted_at), photos } });
  },
  save() {
    this.setData({ busy: true, said: "", barred: false });
    return this.attempt(async () => {
      const picture = await downloaded(`/api/applications/${this.data.id}/receipt.png`);
      this.setData(await intoAlbum(picture));
    }).finally(() => this.setData({ busy: false }));
  },
  allow() {
    wx.openSetting({ success: () => this.setData({ said: "", barred: false }), fail() {} });
  },
  instead(event) {
    wx.redirectTo({ url: event.currentTarget.dataset.url });
  },
}));

function downloaded(path) {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Failure({ code: "offline", message: "现在连不上网。编号先记下来，过后再存。" }));
    wx.downloadFile({ url: address(path), header: header(), success: (answer) => (answer.statusCode === 200 ? resolve(answer.tempFilePath) : failed()), fail: failed });
  });
}

// What is to be said about it; a refusal is an answer too.
function intoAlbum(filePath) {
  return new Promise((resolve) => {
    wx.saveImageToPhotosAlbum({ filePath, success: () => resolve({ said: "存好了，在手机相册里。" }), fail: ({ errMsg }) => resolve({ said: NOT_ALLOWED, barred: /auth|permission/.test(errMsg) && !/privacy/.test(errMsg) }) });
  });
}
