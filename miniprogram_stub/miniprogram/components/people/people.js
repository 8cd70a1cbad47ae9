// A group of questions asked for each person. Tells `change` {name, typed: [{row, typed}]}.
import { applies, drawn, readAll, write } from "../../lib/form.js";
import { newKey } from "../../lib/store.js";

Component(/** @type {any} */ ({
  properties: { asked: { type: Object, value: {} }, rows: { type: Array, value: [] }, fault: { type: String, value: "" }, faults: { type: Object, value: {} } },
  data: { people: /** @type {any[]} */ ([]), most: 20 },
  observers: {
    "asked, rows, faults"(asked, rows) {
      this.now = rows;
      if (asked && asked.fields) this.draw();
    },
  },
  methods: {
    draw() {
      const { asked, faults } = this.data;
      const people = this.now.map(({ row, typed }) => {
        const { values } = readAll(asked.fields, typed, {});
        const shown = asked.fields.filter((field) => applies(field, values));
        return { row, fields: shown.map((field) => drawn(field, field.name in typed ? typed[field.name] : write(field, undefined), faults[`${asked.name}.${row}.${field.name}`], row)) };
      });
      this.setData({ people, most: asked.most || 20 });
    },
    change(event) {
      const { row } = event.currentTarget.dataset;
      const { name, typed } = event.detail;
      this.now = this.now.map((one) => (one.row === row ? { row, typed: Object.assign({}, one.typed, { [name]: typed }) } : one));
      this.tell();
      if (this.asksOthers(name)) this.draw();
    },
    // Whether another question depends on this one.
    asksOthers(name) {
      return this.data.asked.fields.some((field) => field.when && JSON.stringify(field.when).includes(`"${name}"`));
    },
    add() {
      this.now = this.now.concat([{ row: newKey(), typed: {} }]);
      this.draw();
      this.tell();
    },
    drop(event) {
      this.now = this.now.filter((one) => one.row !== event.currentTarget.dataset.row);
      this.draw();
      this.tell();
    },
    tell() {
      this.triggerEvent("change", { name: this.data.asked.name, typed: this.now });
    },
  },
}));
