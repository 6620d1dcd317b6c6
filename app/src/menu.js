// Closes an open menu when the focus leaves it by the keyboard. The browser closes it at a press elsewhere.
addEventListener("focusin", ({ target }) => {
  const menu = document.querySelector("[popover]:popover-open");
  if (menu && !menu.contains(target) && target.getAttribute("popovertarget") !== menu.id) menu.hidePopover();
});

// A form that needs at least one tick says so before the browser sends the form.
addEventListener("change", ({ target }) => {
  const words = target.form?.dataset.tickOne;
  if (!words) return;
  const boxes = [...target.form.querySelectorAll("[type=checkbox]")];
  boxes[0].setCustomValidity(boxes.some((box) => box.checked) ? "" : words);
});
