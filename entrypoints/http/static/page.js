// Shows who is signed in, and signs out. Signing in needs no script.
const element = (id) => document.getElementById(id);

const show = (user) => {
  element("signed-out").hidden = user !== null;
  element("signed-in").hidden = user === null;
  if (user === null) return;
  element("initial").textContent = user.login.slice(0, 1).toUpperCase();
  element("greeting").textContent = `Signed in as ${user.login}`;
  element("details").textContent = [user.name, user.email ?? "no public e-mail"].filter(Boolean).join(" · ");
};

const fail = (words) => {
  element("failure").textContent = words;
  element("failure").hidden = false;
};

const refresh = async () => {
  const answer = await fetch("/auth/me");
  if (!answer.ok && answer.status !== 401) throw new Error(answer.statusText);
  show(answer.ok ? await answer.json() : null);
};

element("sign-out").addEventListener("click", async () => {
  const answer = await fetch("/auth/logout", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  if (answer.ok || answer.status === 401) show(null);
  else fail("Signing out failed. Please try again.");
});

// A page that comes back from the browser's memory may be out of date.
addEventListener("pageshow", () => refresh().catch(() => fail("The service does not answer. Please reload the page.")));
