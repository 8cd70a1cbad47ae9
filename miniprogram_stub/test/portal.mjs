// A server for the page tests: just enough of our API, every answer replaceable by a test.

export const FILE = "f-1";
const FORM = {
  digest: "d",
  steps: [
    { key: "who", title: "谁要申请", lead: "", fields: [field("applicant_name", "text", "要申请的人叫什么名字？", { indispensable: true })] },
    { key: "money", title: "收入", lead: "", fields: [field("income", "money", "打工挣的钱"), field("elsewhere", "yes_no", "住在别处吗？"), field("where", "text", "住在哪里？", { when: { elsewhere: true } })] },
    { key: "promise", title: "承诺", lead: "", fields: [field("declares_true", "consent", "我说的都是真的。")] },
  ],
};

function field(name, kind, label, more) {
  return { name, kind, label, hint: "", options: [], indispensable: false, unless: "", when: null, fields: [], item_no: null, most: null, digest: name, ...more };
}

const PROGRAM = { id: "dibao", title: "最低生活保障", short: "低保", summary: "国家每月补一些。", has_form: true, amounts: [], routing_why: "到户口所在地办。", form_note: "", guide: "## 低保是什么\n- 每月补。（社会救助法第18条）", form: FORM, documents: [{ item: "bills", title: "看病的单子", hint: "", need: "helpful", when: null }], go_to: [], automatic: null };
const APPLICATION = { id: FILE, reference_no: "1234567890", program_id: "dibao", status: "draft", revision: 0, region_code: null, submission_no: 0 };
const SESSION = { access_token: "access-1", refresh_token: "refresh-1", token_type: "Bearer", expires_in: 600, needs_proof: false, consents_missing: [], phone_known: false };

// {api, seen: [[method, path, body, headers]], state, answers: {"METHOD /path": answer or function}}
export function newPortal(answers = {}) {
  const portal = { seen: [], state: { answers: {}, revision: 0, documents: [] }, answers };
  portal.api = async (method, address, { body, headers }) => {
    const path = address.split("?")[0];
    portal.seen.push([method, path, body, headers]);
    const own = portal.answers[`${method} ${path}`];
    const given = typeof own === "function" ? await own({ body, headers, portal }) : own;
    return given || usual(portal, method, path, body);
  };
  portal.asked = (method, path) => portal.seen.filter((one) => one[0] === method && one[1] === path);
  return portal;
}

function usual({ state }, method, path, body) {
  const file = `/api/applications/${FILE}`;
  const known = {
    "GET /api/wechat/templates": { submitted: ["t-1"], correction: ["t-2"], decision: ["t-3"] },
    "GET /api/programs": [PROGRAM],
    "GET /api/programs/dibao": PROGRAM,
    "GET /api/applications": [APPLICATION],
    [`GET ${file}`]: APPLICATION,
    [`GET ${file}/documents`]: state.documents,
    [`GET ${file}/signatures`]: [],
    "POST /api/auth/wechat-sessions": SESSION,
    "POST /api/auth/sessions/refresh": { ...SESSION, access_token: "access-2", refresh_token: "refresh-2" },
    "GET /api/messages": [],
    "GET /api/contacts": [{ kind: "hotline", name: "民政服务热线", phone: "12349", hours: "", address: "" }],
    "GET /api/regions": [],
    [`GET ${file}/submission`]: { receipt: { status: "已提交，尚未受理", reference_no: "1234567890", program: "最低生活保障", office: "芙蓉镇", submitted_at: "2026-11-22T01:00:00+00:00", photos: [] } },
  };
  if (method === "PUT" && path === `${file}/answers`) Object.assign(state.answers, body.answers, { revision: undefined }) && (state.revision += 1);
  if (path === `${file}/answers`) return { body: { revision: state.revision, answers: { ...state.answers }, missing: state.answers.applicant_name ? {} : { applicant_name: ["还差：名字"] }, to_do: [] } };
  if (method === "POST" && path === `${file}/documents`) {
    const made = { id: `p-${state.documents.length + 1}`, item: body.get("item"), state: "received", advice: [], sent_digest: body.get("digest") };
    state.documents.push(made);
    return { status: 201, body: made };
  }
  if (`${method} ${path}` in known) return { status: method === "POST" && !path.endsWith("refresh") ? 201 : 200, body: known[`${method} ${path}`] };
  if (method === "POST" || method === "PUT") return { status: 204 };
  return { status: 404, body: { code: "not_found", message: "没有找到。", fields: {} } };
}

// A phone somebody is signed in on.
export function signedIn(phone) {
  phone.storage.setItem("mini:session", JSON.stringify({ value: { access: "access-1", refresh: "refresh-1" } }));
  return phone;
}

export const refusal = (status, code, message, fields = {}) => ({ status, body: { code, message, fields } });
export const dead = () => {
  throw new Error("connection lost");
};
