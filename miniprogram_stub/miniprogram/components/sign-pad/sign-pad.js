// A name written with a finger. `strokes()` gives [[[x, y], …], …]; drawing only shows it.

const LEAST_POINTS = 8;

Component(/** @type {any} */ ({
  properties: { name: { type: String, value: "" } },
  data: { said: "" },
  lifetimes: {
    attached() {
      this.written = [];
    },
    ready() {
      this.fit();
    },
  },
  methods: {
    fit() {
      wx.createSelectorQuery().in(/** @type {any} */ (this)).select("#pad").fields({ node: true, size: true }).exec(([pad]) => {
        if (!pad || !pad.node || !pad.width) return;
        const ratio = wx.getWindowInfo().pixelRatio;
        Object.assign(pad.node, { width: pad.width * ratio, height: pad.height * ratio });
        this.pen = pad.node.getContext("2d");
        this.pen.scale(ratio, ratio);
        Object.assign(this.pen, { lineWidth: 4, lineCap: "round", strokeStyle: "#000" });
      });
    },
    begin(event) {
      if (!this.pen) this.fit();
      this.written.push([point(event)]);
      if (this.data.said) this.setData({ said: "" });
    },
    move(event) {
      const stroke = this.written[this.written.length - 1];
      if (!stroke || !event.touches.length) return;
      const [from, to] = [stroke[stroke.length - 1], point(event)];
      stroke.push(to);
      if (this.pen) this.draw(from, to);
    },
    end() {},
    draw(from, to) {
      this.pen.beginPath();
      this.pen.moveTo(from[0], from[1]);
      this.pen.lineTo(to[0], to[1]);
      this.pen.stroke();
    },
    again() {
      this.written = [];
      this.fit();
      this.setData({ said: "" });
    },
    // null, and a sentence under the box, while nothing is written.
    strokes() {
      const points = this.written.reduce((sum, stroke) => sum + stroke.length, 0);
      if (points >= LEAST_POINTS) return this.written;
      this.setData({ said: "还没有签名。请用手指写名字。" });
      return null;
    },
  },
}));

function point(event) {
  const { x, y } = event.touches[0];
  return [Math.round(x), Math.round(y)];
}
