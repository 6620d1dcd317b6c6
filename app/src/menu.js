// Closes an open menu when the focus leaves it by the keyboard. The browser closes it at a press elsewhere.
addEventListener("focusin", ({ target }) => {
  const menu = document.querySelector("[popover]:popover-open");
  if (menu && !menu.contains(target) && target.getAttribute("popovertarget") !== menu.id) menu.hidePopover();
});
