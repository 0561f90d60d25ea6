// Shows what was synced of a repository, how current that is, and how far the first reading has come.
import { ago, fail, json, pause, say, template } from "/static/parts.js";

const PAUSE = 1000;
// While nothing is being read, and something was not yet, or was in vain.
const LONG_PAUSE = 5000;
const SETTLED = ["fresh", "held"];
const day = (time) => time && new Date(time).toLocaleDateString("en", { dateStyle: "medium" });
const ofItem = ({ number, author, updatedAt }) => [`#${number}`, author, day(updatedAt)];

const KINDS = {
  pulls: {
    name: "Pull requests",
    title: ({ title }) => title,
    details: (pull) => [pull.merged ? "merged" : pull.draft ? "draft" : pull.state, ...ofItem(pull)],
  },
  commits: {
    name: "Commits",
    title: ({ message }) => message.split("\n", 1)[0],
    details: ({ sha, author, authorName, committedAt, authoredAt }) =>
      [sha.slice(0, 7), author ?? authorName, day(committedAt ?? authoredAt)],
  },
  issues: { name: "Issues", title: ({ title }) => title, details: (issue) => [issue.state, ...ofItem(issue)] },
};

const itemOf = (kind, synced) => {
  const item = template("synced");
  const link = item.querySelector("a");
  link.textContent = KINDS[kind].title(synced) || "(no title)";
  // Whoever made the record chose it: it might be a script.
  if (/^https?:\/\//.test(synced.url)) link.href = synced.url;
  item.querySelector(".details").textContent = KINDS[kind].details(synced).filter(Boolean).join(" · ");
  return item;
};

const readingWords = ({ records, expected }) =>
  expected === null ? `Reading: ${records} so far.` : `Reading: ${records} of ${Math.max(expected, records)}.`;

const stateWords = ({ state, lagSeconds }) => {
  if (lagSeconds !== null) return `${state === "failed" ? "failed, " : ""}as of ${ago(lagSeconds)}`;
  return { never: "not synced yet", pulling: "being read", failed: "failed" }[state] ?? "";
};

const sectionOf = (repository, kind) => {
  const node = template("kind");
  const part = (name) => node.querySelector(`.${name}`);
  const { name } = KINDS[kind];
  const [bar, more] = [node.querySelector("progress"), node.querySelector("button")];
  let next = null;
  let isPaged = false;
  let seen = null;
  part("title").textContent = name;
  bar.setAttribute("aria-label", `Reading ${name.toLowerCase()}`);
  part("unseen").textContent = ` ${name.toLowerCase()} of ${repository.fullName}`;

  const read = async (after) => {
    const place = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    const page = await json(`/repos/${repository.id}/${kind}${place}`);
    const items = page[kind].map((synced) => itemOf(kind, synced));
    isPaged = after !== null;
    if (isPaged) part("items").append(...items);
    else part("items").replaceChildren(...items);
    next = page.next;
    more.hidden = next === null;
    part("none").hidden = part("items").childElementCount > 0;
    return items;
  };

  // Who presses twice gets one page.
  const load = async (after = null) => {
    more.disabled = true;
    try {
      return await read(after);
    } finally {
      more.disabled = false;
    }
  };

  const show = async (sync) => {
    const isFirst = sync.state === "pulling" && sync.pulledAt === null;
    const { progress } = sync;
    part("state").textContent = stateWords(sync);
    const held = sync.heldDeletions > 0 && `${sync.heldDeletions} deletions are held back: an operator has to say whether they are right.`;
    const words = [isFirst && readingWords(progress ?? { records: 0, expected: null }), sync.error, held].filter(Boolean);
    part("words").textContent = words.join(" ");
    part("words").classList.toggle("wrong", sync.error !== null);
    bar.hidden = !isFirst;
    if (progress?.expected > 0) [bar.max, bar.value] = [Math.max(progress.expected, progress.records), progress.records];
    else bar.removeAttribute("value");
    if (seen?.isFirst && !isFirst && sync.error === null) say(`${name} of ${repository.fullName} are read`);
    const isChanged = seen !== null && (seen.pulledAt !== sync.pulledAt || seen.rows !== sync.rows);
    seen = { isFirst, pulledAt: sync.pulledAt, rows: sync.rows };
    // Nobody is thrown back to the first page.
    if (node.open && isChanged && !isPaged) await load();
  };

  const failed = () => fail(`The service does not show the ${name.toLowerCase()}. Please try again.`);
  node.addEventListener("toggle", () => {
    if (node.open) load().catch(failed);
  });
  more.addEventListener("click", () => {
    load(next).then(([first]) => first?.querySelector("a").focus()).catch(failed);
  });
  return { kind, node, show };
};

// Looks again until all is read, as long as the panel is open.
export const openReplica = async (repository, panel) => {
  const sections = Object.keys(KINDS).map((kind) => sectionOf(repository, kind));
  panel.replaceChildren(...sections.map(({ node }) => node));
  sections[0].node.open = true;
  while (sections[0].node.isConnected) {
    const { sync } = await json(`/repos/${repository.id}`);
    await Promise.all(sections.map(({ kind, show }) => show(sync[kind])));
    const states = sections.map(({ kind }) => sync[kind].state);
    if (states.every((state) => SETTLED.includes(state))) return;
    await pause(states.includes("pulling") ? PAUSE : LONG_PAUSE);
  }
};

export const closeReplica = (panel) => panel.replaceChildren();
