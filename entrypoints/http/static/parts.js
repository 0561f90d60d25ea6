// What the scripts of the page have in common.
export const element = (id) => document.getElementById(id);
export const template = (id) => element(id).content.firstElementChild.cloneNode(true);
export const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

export const json = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
};

export const say = (words) => { element("news").textContent = words; };

export const fail = (words) => {
  element("failure").textContent = words;
  element("failure").hidden = false;
};

const UNITS = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

export const ago = (seconds) => {
  const [size, unit] = UNITS.find(([least]) => seconds >= least) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat("en").format(-Math.floor(seconds / size), unit);
};
