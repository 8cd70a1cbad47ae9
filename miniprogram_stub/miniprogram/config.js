// Where this client speaks to, and nothing else. Changed before release: see RELEASE.md.
const SITES = {
  develop: "http://127.0.0.1:8000",
  trial: "https://trial.jiuzhutong.example",
  release: "https://www.jiuzhutong.example",
};

export const SITE = SITES[wx.getAccountInfoSync().miniProgram.envVersion] || SITES.release;
export const HOTLINE = "12349";
