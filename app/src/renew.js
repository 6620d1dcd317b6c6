// Renews the parts of a page that only the server renders: elements with an id and `data-renewed`.
(() => {
  // Renews them from another document of the same page. A part without a change stays, and the focus stays where it is.
  const renewFrom = (page) => {
    for (const part of document.querySelectorAll("[data-renewed]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      const focused = part.contains(document.activeElement) && document.activeElement.id;
      part.replaceChildren(...fresh.childNodes);
      if (focused) document.getElementById(focused)?.focus();
    }
  };

  const read = async () => {
    const answer = await fetch(location.href, { headers: { "x-latchkey-background": "1" } });
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
      isOld = false;
      // If the server does not answer, the next event brings the news.
      await read().catch(() => {});
    }
    isReading = false;
  };

  globalThis.latchkeyRenewFrom = renewFrom;
  // The person's sessions have changed, or another page has come into the document and may have missed a change.
  for (const event of ["devices", "latchkey-page"]) addEventListener(event, follow);
})();
