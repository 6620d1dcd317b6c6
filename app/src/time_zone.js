// Sends the browser's time zone to the server in a cookie. A page that was written in another zone requests
// its times again from the server, also when the computer has travelled while the page was open.
(() => {
  const root = document.documentElement;
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; Secure"] : ["", ""];

  const readTimes = async (zone) => {
    const { owner } = root.dataset;
    const before = new Map([...document.querySelectorAll("time")].map((time) => [time, time.textContent]));
    const headers = { "x-latchkey-background": "1", ...(owner && { "x-latchkey-page-owner": owner }) };
    const answer = await fetch(location.href, { headers });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The browser may not have kept the cookie, or an intermediary may have answered.
    if (page.documentElement.dataset.timeZone !== zone) return;
    root.dataset.timeZone = zone;
    globalThis.latchkeyRenewFrom(page);
    const times = [...page.querySelectorAll("time")];
    for (const shown of document.querySelectorAll("time")) {
      const index = times.findIndex((time) => time.dateTime === shown.dateTime);
      if (index < 0) continue;
      const [time] = times.splice(index, 1);
      // The node must stay, because hydration may be about to use it.
      // "Active 5 minutes ago" may have been counted on since the request.
      if ((before.get(shown) ?? shown.textContent) === shown.textContent) shown.firstChild.data = time.textContent;
      if (time.title) shown.title = time.title;
    }
  };

  const tellZone = async () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (document.hidden || !zone || zone === root.dataset.timeZone) return;
    document.cookie = `${prefix}latchkey-time-zone=${zone}; Path=/; SameSite=Lax${secure}`;
    // If this fails, the page tries again when it becomes visible again.
    if (document.querySelector("time")) await readTimes(zone).catch(() => {});
  };

  tellZone();
  document.addEventListener("DOMContentLoaded", tellZone);
  document.addEventListener("visibilitychange", tellZone);
})();
