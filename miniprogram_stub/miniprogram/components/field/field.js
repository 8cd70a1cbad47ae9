// One question of any kind but people. Tells `change` {name, typed} at every stroke and tap.

Component(/** @type {any} */ ({
  properties: { field: { type: Object, value: {} } },
  methods: {
    type(event) {
      this.tell(event.detail.value);
    },
    choose(event) {
      this.tell(event.detail.value);
    },
    agree(event) {
      this.tell(event.detail.value.length > 0);
    },
    part(event) {
      this.tellPart(event.currentTarget.dataset.part, event.detail.value);
    },
    tickPart(event) {
      this.tellPart(event.currentTarget.dataset.part, event.detail.value.length > 0);
    },
    settle(event) {
      this.tell(Object.assign({}, this.typed(), event.detail));
    },
    // The last of several parts counts before the page has drawn the one before.
    tellPart(part, value) {
      const now = Object.assign({}, this.typed(), { [part]: value });
      if (part === "unsure" && value) now.text = "";
      if (part === "text" && value) now.unsure = false;
      this.tell(now);
      if ((part === "unsure" && value) || (part === "text" && this.data.field.typed.unsure)) this.setData({ "field.typed": now });
    },
    typed() {
      return this.now && this.now.name === this.data.field.name ? this.now.typed : this.data.field.typed;
    },
    tell(typed) {
      const { name } = this.data.field;
      this.now = { name, typed };
      this.triggerEvent("change", { name, typed });
    },
  },
}));
