// wx: who it is. Signing in, the phone number, the privacy agreement, subscription messages.
const TOP = 5;

export function peopleCalls(play) {
  const { options, host } = play;
  let agreed = options.privacy !== "need";
  let tappedAgree = false;
  let asked = null;

  function $agreed(name) {
    if (agreed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const refused = () => reject(Object.assign(new Error("privacy permission is not authorized"), { extra: { errno: 104 } }));
      if (!asked) return refused();
      return asked((answer) => {
        if (answer.event === "exposureAuthorization") return undefined;
        agreed = answer.event === "agree" && tappedAgree;
        return agreed ? resolve() : refused();
      }, { referrer: name });
    });
  }

  return {
    $agreed,
    async $open(type, emit, id) {
      play.calls.push({ name: "open-type", given: { type, id } });
      if (type === "agreePrivacyAuthorization") {
        tappedAgree = true;
        return emit("agreeprivacyauthorization", { errMsg: "agreePrivacyAuthorization:ok" });
      }
      if (type !== "getPhoneNumber") return undefined;
      try {
        await $agreed("getPhoneNumber");
        return emit("getphonenumber", { errMsg: "getPhoneNumber:ok", ...(await options.phone()) });
      } catch (fault) {
        return emit("getphonenumber", { errMsg: "getPhoneNumber:fail " + fault.message, ...fault.extra });
      }
    },
    login: play.call("login", async () => ({ code: await options.login() })),
    onNeedPrivacyAuthorization(heard) {
      asked = heard;
    },
    getPrivacySetting: play.call("getPrivacySetting", () => ({ needAuthorization: !agreed, privacyContractName: "《救助通隐私保护指引》" })),
    openPrivacyContract: play.call("openPrivacyContract", () => host.ui.showToast({ title: "隐私保护指引", icon: "none" })),
    requestSubscribeMessage: play.call("requestSubscribeMessage", ({ tmplIds = [] }) => {
      if (!play.isTapping) throw Object.assign(new Error("can only be invoked by user TAP gesture."), { extra: { errCode: 20001 } });
      if (!tmplIds.length || tmplIds.length > TOP) throw Object.assign(new Error("tmplIds length invalid"), { extra: { errCode: 10003 } });
      return subscribed(play, tmplIds);
    }),
    openSetting: play.call("openSetting", () => ({ authSetting: {} })),
  };
}

async function subscribed({ options, host }, ids) {
  const word = options.subscribe || (await new Promise((resolve) => {
    host.ui.modal({ title: "订阅消息", content: "允许发送办理进度通知？", confirmText: "允许", cancelText: "取消" }, (answer) => resolve(answer.confirm ? "accept" : "reject"));
  }));
  if (word === "accept" && options.subscribed) await options.subscribed(ids);
  return Object.fromEntries(ids.map((id) => [id, word]));
}
