// Starts the client in a browser, against this site and its stand-in for WeChat.
//   ?user=alice  ?entry=pages/home/home  ?privacy=ok  ?subscribe=accept  ?font=23
//   ?scan=https://…/take/12345678 what the camera reads
//   ?scene=r%3D430923121 as a village's code gives it
(function () {
  const asked = new URLSearchParams(location.search);
  const user = asked.get("user") || "alice";
  const scene = asked.get("scene") || "";

  async function phone(path, body) {
    const answer = await fetch("/dev/wechat/__fake__/" + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
    });
    if (!answer.ok) throw new Error("the stand-in for WeChat says " + answer.status);
    return answer.json();
  }

  globalThis.__mp.boot({
    entry: asked.get("entry") || (scene ? "pages/home/home?scene=" + encodeURIComponent(scene) : undefined),
    options: {
      origins: { "http://127.0.0.1:8000": location.origin },
      login: async () => (await phone("login", { user })).code,
      phone: () => phone("phone", { user, phone: asked.get("phone") || undefined }),
      subscribed: (ids) => Promise.all(ids.map((id) => phone("quota", { user, template_id: id }))),
      privacy: asked.get("privacy") === "ok" ? "ok" : "need",
      subscribe: asked.get("subscribe") || undefined,
      scan: asked.get("scan") || undefined,
      fontSizeSetting: Number(asked.get("font")) || 17,
    },
  });
})();
