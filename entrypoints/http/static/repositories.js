// Shows which repositories are connected, why, and what waits for an owner.
import { ago, element, fail, json, pause, say, template } from "/static/parts.js";
import { closeReplica, openReplica } from "/static/replica.js";

const PAGE = 100;
// After signing in, GitHub is asked in the background.
const LOOK_AGAIN = [1000, 3000, 6000];
// Each keeps a connection of the browser's.
const MOST_WAITS = 3;
const PAUSE = 1000;

const SOURCES = {
  login: "GitHub listed it for you when it was asked with your sign-in",
  link: "GitHub listed it for you when you connected it",
  collaborator: "GitHub says that you have this role in it",
};

let generation = 0;
let next = null;

const explained = ({ granted, proof, reason }) => {
  if (!granted) return `Not any more: ${reason}.`;
  const until = new Date(proof.closesAt).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
  return `${SOURCES[proof.source]}, ${ago(proof.ageSeconds)}. That counts until ${until}.`;
};

const isExpanded = (button) => button.getAttribute("aria-expanded") === "true";

const expand = (button, shown, isOpen) => {
  shown.hidden = !isOpen;
  button.setAttribute("aria-expanded", String(isOpen));
};

const explain = async (button, words, { id }) => {
  const isOpen = isExpanded(button);
  if (!isOpen) words.textContent = explained(await json(`/repos/${id}/access`));
  expand(button, words, !isOpen);
};

const open = async (button, panel, repository) => {
  const isOpen = isExpanded(button);
  expand(button, panel, !isOpen);
  if (isOpen) closeReplica(panel);
  else await openReplica(repository, panel);
};

const repositoryItem = (repository) => {
  const item = template("repository");
  item.querySelector(".name").textContent = repository.fullName;
  const details = [repository.visibility, repository.permission, repository.archived && "archived"];
  item.querySelector(".details").textContent = details.filter(Boolean).join(" · ");
  for (const name of item.querySelectorAll(".unseen")) name.textContent = ` ${repository.fullName}`;
  const bind = (name, shown, press, failure) => {
    const [button, part] = [item.querySelector(name), item.querySelector(shown)];
    part.id = `${part.className}-${repository.id}`;
    button.setAttribute("aria-controls", part.id);
    button.addEventListener("click", () => { press(button, part, repository).catch(() => fail(failure)); });
  };
  bind(".ask", ".why", explain, "The service does not say why. Please try again.");
  bind(".open", ".replica", open, "The service does not say how current this is. Please try again.");
  return item;
};

const installationItem = (installation) => {
  const { id, account, repositories, state } = installation;
  const item = template("installation");
  item.querySelector(".name").textContent = account;
  const counted = `${repositories} ${repositories === 1 ? "repository" : "repositories"}`;
  item.querySelector(".details").textContent = state === "active" ? counted : `${counted} · ${state}`;
  item.querySelector(".unseen").textContent = ` ${account}`;
  item.querySelector("button").addEventListener("click", () => {
    disconnect(id, account).catch(() => fail("Disconnecting failed. Please try again."));
  });
  return item;
};

const waitingFor = ({ account }) => `Waiting for an owner of ${account ?? "the organisation"} to approve`;

const waitingItem = (request) => {
  const item = document.createElement("li");
  item.textContent = waitingFor(request);
  return item;
};

const list = async (after = null) => {
  const place = after === null ? "" : `&after=${encodeURIComponent(after)}`;
  const page = await json(`/repos?limit=${PAGE}${place}`);
  next = page.next;
  const items = page.repos.map(repositoryItem);
  if (after === null) element("repositories").replaceChildren(...items);
  else element("repositories").append(...items);
  element("more").hidden = next === null;
  return items;
};

const look = async () => {
  const [{ installations, requests }] = await Promise.all([json("/installations"), list()]);
  const waiting = requests.filter(({ state }) => state === "requested");
  element("installations").replaceChildren(...installations.map(installationItem));
  element("waiting").replaceChildren(...waiting.map(waitingItem));
  const isEmpty = element("repositories").childElementCount === 0;
  element("no-repositories").hidden = !isEmpty;
  element("installed").hidden = installations.length === 0;
  return { isEmpty, waiting };
};

const disconnect = async (id, account) => {
  const answer = await fetch(`/installations/${id}`, { method: "DELETE" });
  if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText);
  await look();
  say(`Disconnected ${account}`);
  // The button that was pressed is gone.
  element("connect").focus();
};

const outcomeOf = (connectionId, seconds) =>
  json(`/auth/github-app/status/${encodeURIComponent(connectionId)}?wait=${seconds}`);

const untilAnswered = async ({ connectionId }, mine) => {
  while (mine === generation) {
    const { pendingApproval, denied } = await outcomeOf(connectionId, 25);
    if (mine !== generation) return;
    if (!pendingApproval) {
      say(denied ? `Nothing was connected: ${denied}` : "An owner has answered");
      await showRepositories();
      return;
    }
    await pause(PAUSE);
  }
};

const tellOutcome = async () => {
  const url = new URL(location.href);
  const connectionId = url.searchParams.get("connection_id");
  if (connectionId === null) return;
  url.searchParams.delete("connection_id");
  history.replaceState(null, "", url);
  const { ready, denied } = await outcomeOf(connectionId, 0);
  if (denied) fail(`Nothing was connected: ${denied}.`);
  else if (ready) say("Repositories are connected");
};

export const forgetRepositories = () => {
  generation += 1;
  for (const id of ["repositories", "installations", "waiting"]) element(id).replaceChildren();
};

export const showRepositories = async () => {
  generation += 1;
  const mine = generation;
  await tellOutcome();
  let { isEmpty, waiting } = await look();
  if (waiting.length > 0) say(waitingFor(waiting[0]));
  for (const request of waiting.slice(0, MOST_WAITS)) {
    untilAnswered(request, mine).catch(() => fail("The service does not say whether an owner has answered. Please reload the page."));
  }
  for (const milliseconds of LOOK_AGAIN) {
    if (!isEmpty) return;
    await pause(milliseconds);
    if (mine !== generation) return;
    ({ isEmpty } = await look());
  }
};

element("more").addEventListener("click", async () => {
  try {
    const [first] = await list(next);
    first?.querySelector("button").focus();
  } catch {
    fail("The service does not answer. Please try again.");
  }
});
