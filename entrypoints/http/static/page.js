// Shows who is signed in, and signs out. Signing in needs no script.
const element = (id) => document.getElementById(id);

const show = (user) => {
  element("signed-out").classList.remove("undecided");
  element("signed-out").hidden = user !== null;
  element("signed-in").hidden = user === null;
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
  show(answer.ok ? await answer.json() : null);
  element("failure").hidden = true;
};

const signOut = async () => {
  const answer = await fetch("/auth/logout", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  if (!answer.ok && answer.status !== 401) throw new Error(answer.statusText);
  show(null);
  element("failure").hidden = true;
  element("news").textContent = "Signed out";
  // The button that was pressed is gone.
  element("sign-in").focus();
};

element("sign-out").addEventListener("click", () => {
  signOut().catch(() => fail("Signing out failed. Please try again."));
});

// A page that comes back from the browser's memory may be out of date.
addEventListener("pageshow", () => {
  refresh().catch(() => fail("The service does not answer. Please reload the page."));
});
