// How large the letters are: as WeChat is set, or as chosen here.
import { keep, kept } from "./store.js";

const SIZES = [18, 22, 26, 30];
const USUAL = 17;

export function look() {
  const size = kept("size", 0) || fromWeChat();
  return { root: size + "px", size, isLarge: size > SIZES[0] };
}

export function larger() {
  const next = SIZES[(SIZES.indexOf(look().size) + 1) % SIZES.length];
  keep("size", next);
  return look();
}

// WeChat says 17 for its usual size and about 24 in 关怀模式.
function fromWeChat() {
  const wanted = (wx.getAppBaseInfo().fontSizeSetting || USUAL) / USUAL * SIZES[0];
  return SIZES.find((size) => size >= wanted - 1) || SIZES[SIZES.length - 1];
}
