// Says that a tab has come to another person or database than the tab has shown: another tab has logged in or switched.
(() => {
  const SHOWN = "latchkey-owner";
  const { owner } = document.documentElement.dataset;
  let before = null;
  try {
    before = sessionStorage.getItem(SHOWN);
    if (owner) sessionStorage.setItem(SHOWN, owner);
    else sessionStorage.removeItem(SHOWN);
  } catch {
    // The browser stores nothing for this site, and there is nothing to compare.
    return;
  }
  if (owner && before && before !== owner) {
    addEventListener("DOMContentLoaded", () => document.getElementById("other-owner")?.removeAttribute("hidden"));
  }
  // A tab that sends a form knows what the form does. By then every form that script sends itself has prevented the default.
  addEventListener("submit", (event) => {
    setTimeout(() => event.defaultPrevented || sessionStorage.removeItem(SHOWN));
  });
})();
