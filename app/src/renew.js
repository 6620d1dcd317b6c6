// Renews the parts of a page that only the server renders: elements with an id and `data-renewed`.
(() => {
  const heading = () => document.querySelector("h1");

  // The header that names the owner of the page. The server refuses what belongs to another user or database.
  const owned = () => {
    const { owner } = document.documentElement.dataset;
    return owner ? { "x-latchkey-page-owner": owner } : {};
  };

  // Renews them from another document that has them. A part without a change stays, and the focus stays where it is.
  const renewFrom = (page) => {
    for (const part of document.querySelectorAll("[data-renewed]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      if (part.querySelector(":popover-open")) {
        // A person is choosing in this part. What is new comes when the menu has closed.
        part.addEventListener("toggle", follow, { capture: true, once: true });
        continue;
      }
      const focused = part.contains(document.activeElement) && document.activeElement;
      part.replaceChildren(...fresh.childNodes);
      if (focused) (document.getElementById(focused.id) ?? heading())?.focus();
    }
  };

  // Home has every such part.
  const read = async () => {
    const answer = await fetch("/", { headers: { ...owned(), "x-latchkey-background": "1" } });
    renewFrom(new DOMParser().parseFromString(await answer.text(), "text/html"));
  };

  let isReading = false;
  let isOld = false;
  const follow = async () => {
    isOld = true;
    if (isReading) return;
    isReading = true;
    while (isOld && document.querySelector("[data-renewed=devices]")) {
      // The pause joins several changes to one.
      await new Promise((resolve) => setTimeout(resolve, 150));
      // The answer to a form that the browser sends may end the session. The page that follows brings the news.
      if ("sending" in document.documentElement.dataset) continue;
      isOld = false;
      // If the server does not answer, the next event brings the news.
      await read().catch(() => {});
    }
    isReading = false;
  };

  // A form of such a part, or of a device, is sent in place. If the server refuses, the form's own page says why. If the
  // server cannot be reached, the page finds that out and says so.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-in-place]")) return;
    event.preventDefault();
    const tell = (name) => dispatchEvent(new Event(name));
    fetch(form.action, { method: "post", headers: owned(), body: new URLSearchParams(new FormData(form)) }).then(
      (answer) => {
        if (!answer.ok) return form.submit();
        (form.closest("article[tabindex]") ?? heading())?.focus();
        tell("devices");
      },
      () => tell("latchkey-check"),
    );
  });

  // "Active 5 minutes ago" is counted on while a person may look.
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-ages]")) follow();
  }, 60_000);

  // Another tab has turned debug mode on, and this page has no panel yet: the page loads again, with the panel.
  addEventListener("click", (event) => {
    if (event.target.closest?.("#debug-mark-link") && !document.getElementById("debug")) {
      event.preventDefault();
      location.reload();
    }
  });

  globalThis.latchkeyRenewFrom = renewFrom;
  addEventListener("devices", follow);
})();
