// A minute of speech for the office: recorded, kept on the phone until it is sent, heard by no machine.
import { address, data, Failure, header, renew } from "./api.js";

const LONGEST = 60000;
const REFUSED = "没有允许用话筒。可以写字，或打电话说。";
const BROKEN = "没有录成。请再录一次，或写字。";
/** @type {{done: (recorded: any) => void, failed: (fault: Failure) => void} | null} */
let now = null;
/** @type {WechatMiniprogram.RecorderManager | null} */
let recorder = null;

// `done({path, seconds})` or `failed(Failure)`: exactly one of them.
export function record(done, failed) {
  now = { done, failed };
  manager().start({ duration: LONGEST, format: "mp3", sampleRate: 16000, numberOfChannels: 1, encodeBitRate: 48000 });
}

export function stop() {
  manager().stop();
}

// Sent with its key once, however often it is tried.
export async function sendVoice(application, path, key) {
  const answer = await uploaded(application, path, key);
  if (answer.statusCode !== 401) return data(answer);
  await renew();
  return data(await uploaded(application, path, key));
}

// Under USER_DATA_PATH it outlives WeChat being closed; where that is full it stays as it is.
export function lay(path, name) {
  const kept = `${wx.env.USER_DATA_PATH}/voice-${name}.mp3`;
  return new Promise((resolve) => wx.getFileSystemManager().copyFile({ srcPath: path, destPath: kept, success: () => resolve(kept), fail: () => resolve(path) }));
}

export function remove(path) {
  return new Promise((resolve) => wx.getFileSystemManager().unlink({ filePath: path, success: resolve, fail: resolve }));
}

function manager() {
  if (recorder) return recorder;
  recorder = wx.getRecorderManager();
  recorder.onStop(({ tempFilePath, duration }) => end((one) => one.done({ path: tempFilePath, seconds: Math.max(1, Math.round(duration / 1000)) })));
  recorder.onError(({ errMsg }) => end((one) => one.failed(failureOf(errMsg))));
  return recorder;
}

// Refused to WeChat itself, which asks only once; the privacy sheet asks every time.
function failureOf(words) {
  if (/privacy/.test(words)) return new Failure({ code: "no_voice", message: REFUSED });
  return /deny|auth/.test(words) ? new Failure({ code: "voice_refused", message: REFUSED }) : new Failure({ code: "no_voice", message: BROKEN });
}

function end(tell) {
  const one = now;
  now = null;
  if (one) tell(one);
}

function uploaded(application, path, key) {
  return new Promise((resolve, reject) => {
    wx.uploadFile({
      url: address(`/api/applications/${application}/messages`),
      filePath: path,
      name: "voice",
      formData: { text: "" },
      header: header(key),
      timeout: 120000,
      success: (answer) => resolve({ statusCode: answer.statusCode, data: parsed(answer.data) }),
      fail: () => reject(new Failure({ code: "offline", message: "现在没有网络。录音存在手机上，请再发一次。" })),
    });
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (fault) {
    return text;
  }
}
