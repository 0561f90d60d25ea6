// Shows who is signed in, and signs out. Signing in needs no script, but for the pop-up.
import { forgetRepositories, showRepositories } from "/static/repositories.js";

const element = (id) => document.getElementById(id);

const show = (user) => {
  element("signed-out").classList.remove("undecided");
  element("signed-out").hidden = user !== null;
  element("signed-in").hidden = user === null;
  element("connected").hidden = user === null;
  element("news").textContent = "";
  element("initial").textContent = user && user.login.slice(0, 1).toUpperCase();
  element("greeting").textContent = user && `Signed in as ${user.login}`;
  element("details").textContent = user && [user.name, user.email ?? "no public e-mail"].filter(Boolean).join("\n");
};

const fail = (words) => {
  element("signed-out").classList.remove("undecided");
  element("failure").textContent = words;
  element("failure").hidden = false;
};

const refresh = async () => {
  const answer = await fetch("/auth/me");
  if (!answer.ok && answer.status !== 401) throw new Error(answer.statusText);
  const user = answer.ok ? await answer.json() : null;
  show(user);
  element("failure").hidden = true;
  if (user === null) return;
  showRepositories().catch(() => fail("The service does not say what is connected. Please reload the page."));
};

const post = (path) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });

const signOut = async () => {
  const answer = await post("/auth/logout");
  if (!answer.ok && answer.status !== 401) throw new Error(answer.statusText);
  show(null);
  forgetRepositories();
  element("failure").hidden = true;
  element("news").textContent = "Signed out";
  // The button that was pressed is gone.
  element("sign-in").focus();
};

element("sign-out").addEventListener("click", () => {
  signOut().catch(() => fail("Signing out failed. Please try again."));
});

// By then the sign-in itself has expired.
const LONGEST_SIGN_IN = 15 * 60 * 1000;
const PAUSE = 1000;

const isFinished = async (connectionId) => {
  const answer = await fetch(`/auth/nango/status/${encodeURIComponent(connectionId)}?wait=25`);
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).ready;
};

const finish = async (connectionId) => {
  for (const end = Date.now() + LONGEST_SIGN_IN; Date.now() < end; ) {
    if (await isFinished(connectionId)) {
      await refresh();
      // The button that was pressed is gone.
      element("sign-out").focus();
      return;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
  throw new Error("expired");
};

const signInByPopUp = async () => {
  const [{ default: Nango }, answer] = await Promise.all([import("/static/nango/index.js"), post("/auth/nango-session")]);
  if (!answer.ok) throw new Error(answer.statusText);
  const { sessionToken, connectUiUrl, apiUrl } = await answer.json();
  const main = document.querySelector("main");
  const cover = (isCovered) => {
    main.inert = isCovered;
    if (!isCovered) popUpButton.focus();
  };
  const connectUI = new Nango().openConnectUI({
    sessionToken,
    baseURL: connectUiUrl,
    apiURL: apiUrl,
    onEvent: ({ type, payload }) => {
      if (type === "connect") {
        connectUI.close();
        cover(false);
        finish(payload.connectionId).catch(() => fail("Signing in did not come to its end. Please try again."));
      } else if (type === "error") {
        fail(`Signing in failed: ${payload.errorMessage}`);
      } else if (type === "close") {
        cover(false);
      }
    },
  });
  const frame = element("connect-ui");
  frame.title = "Connect";
  frame.focus();
  cover(true);
};

const popUpButton = element("pop-up");
let isOpening = false;
if (popUpButton) {
  popUpButton.hidden = false;
  popUpButton.addEventListener("click", () => {
    if (isOpening) return;
    isOpening = true;
    element("failure").hidden = true;
    signInByPopUp()
      .catch(() => fail("The pop-up cannot be used now. Please try again, or sign in without it."))
      .finally(() => { isOpening = false; });
  });
}

// A page that comes back from the browser's memory may be out of date.
addEventListener("pageshow", () => {
  refresh().catch(() => fail("The service does not answer. Please reload the page."));
});
